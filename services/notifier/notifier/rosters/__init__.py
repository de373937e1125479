"""Duty around the clock: who is on call, who leads, and where nobody is (row 125)."""
