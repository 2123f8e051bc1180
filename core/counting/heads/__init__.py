"""One counting head per kind of task."""
