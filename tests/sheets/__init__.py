"""Sheets: reading, columns, writing."""
