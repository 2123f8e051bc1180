"""Counting the n-grams of a corpus, in memory or in parts on disk."""
