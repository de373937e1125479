"""What the list and the survey do not share, each followed to its end (requirements rows 40, 103)."""
