"""Addresses of bodies that registry tells nothing of: laboratories and sampling sites."""
