"""Spreadsheets, in and out: reading within limits, columns by their headers, writing without formulas."""
