"""How many were planned, sampled, resulted and shown, by site and round (rows 81, 84, 86-88)."""
