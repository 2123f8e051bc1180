"""What a run leaves behind: its record, its model, its predictions."""
