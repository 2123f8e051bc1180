"""What a trained network does inside: gradients through time, states, gates, single units."""
