"""The built-in whole models."""
