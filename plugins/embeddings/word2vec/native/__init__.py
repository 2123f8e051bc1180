"""The compiled training kernels and what they are written in."""
