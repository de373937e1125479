"""Mass testing rounds: deadline, set-up clock, coverage per grid; drills apart (rows 84-87, 137)."""
