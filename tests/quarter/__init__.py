"""A simulated quarter of a district with offenders planted at known units and weeks, and what the ladder makes of it."""
