"""Word alignment of two languages by counting: IBM models 1 and 2, symmetrisation, phrase pairs."""
