"""Who is to be sampled on a coming day, where and by whom, and whether that can be done (rows 50, 52, 90)."""
