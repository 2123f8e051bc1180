"""The interface between the runner and a model of any family."""
