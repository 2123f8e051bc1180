"""From counts to smoothed probabilities."""
