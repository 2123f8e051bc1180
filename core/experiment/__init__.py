"""One run from top to bottom, grids of runs, and who observes them."""
