"""A linear classifier over n-grams of words and characters."""
