"""Limits per credential over real servers."""
