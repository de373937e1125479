"""A simulated day of a district with faults planted at known places, and what the reconciliation makes of it."""
