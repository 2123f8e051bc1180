"""One run from top to bottom, grids of runs, and their observers."""
