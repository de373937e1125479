"""Referrals of fever patients: the clinic expects them, and who does not come is chased."""
