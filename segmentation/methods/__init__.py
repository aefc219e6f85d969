"""Clustering methods, one file each, on one contract."""
