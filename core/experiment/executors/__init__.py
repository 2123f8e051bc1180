"""What runs the runs of a grid in other processes: on this machine, or on others."""
