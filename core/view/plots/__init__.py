"""What the pictures of ``plot`` show: the numbers, and how they are drawn."""
