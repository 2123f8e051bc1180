"""Small synthetic data sets with one answer per row and known best scores."""
