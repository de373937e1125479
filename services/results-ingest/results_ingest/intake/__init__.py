"""How many were planned, sampled, resulted and shown: by site and round, at every moment (rows 81, 87, 88)."""
