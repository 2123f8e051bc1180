"""Scores, baselines, comparisons and verdicts on differences."""
