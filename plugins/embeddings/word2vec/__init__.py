"""word2vec (Mikolov et al., 2013a and b): models, a fast engine for the CPU, and its vectors as an embedding."""
