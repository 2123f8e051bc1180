"""One neural head per kind of task, and the parts of the heads."""
