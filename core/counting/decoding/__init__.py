"""Beam search for the most probable translation: a channel of phrases times a count model."""
