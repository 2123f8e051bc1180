"""The neural family: embedding, encoder, head, and the one training loop."""
