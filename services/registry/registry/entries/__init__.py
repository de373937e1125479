"""How long after the day somebody began or left that was entered, unit by unit (row 49)."""
