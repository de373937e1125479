"""Lots of goods: registered, reported, sampled, disinfected, and released only after a negative (row 22)."""
