"""The same number of trials for each encoder: ``budget=trials:N``."""
