"""Data, one way: sources, vocabulary, corpus, batches."""
