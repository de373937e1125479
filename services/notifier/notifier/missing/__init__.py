"""Chases what was not filed by its cut-off, until it is filed or the next slot takes over (rows 3, 121)."""
