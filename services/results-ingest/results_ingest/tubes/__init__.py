"""Sampling tubes: what was taken, from whom, where, and how far it has come."""
