"""Tubes and results: taken in whole, matched to people, never lost."""
