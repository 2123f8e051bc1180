"""The ARPA text format of n-gram models: read and written."""
