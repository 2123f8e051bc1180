"""word2vec (Mikolov et al., 2013a and b): the models, a fast CPU engine, and its vectors as an embedding."""
