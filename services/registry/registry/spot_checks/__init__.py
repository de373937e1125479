"""Spot checks: a unit and the people found at work there, row by row against the registry (row 37)."""
