"""One HTML page about the runs of a comparison, which opens without a network."""
