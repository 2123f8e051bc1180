"""Scores, baselines, comparisons and the significance of differences."""
