"""Fever patients whom grass-roots institutions refer to a fever clinic, followed to the result (row 149)."""
