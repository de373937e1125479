"""Batches of results: read, checked row by row, kept sealed, and answered with a receipt."""
