"""Evaluations: once a day, who must be reminded, told unit by unit."""
