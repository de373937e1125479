"""Suspected cases: reported in two hours, traced in a day, ended by a second person (123, 124, 130)."""
