"""One neural head per kind of task, and what the heads are made of."""
