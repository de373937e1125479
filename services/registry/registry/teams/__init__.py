"""Sampling teams: members, phones, certificates, and calls that confirm them (rows 56 and 85)."""
