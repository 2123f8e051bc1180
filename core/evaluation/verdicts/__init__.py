"""Which rows of a table differ by more than chance explains, and by how much."""
