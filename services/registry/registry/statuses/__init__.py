"""Statuses: the stored testing state and duty of each person, and what is read from them."""
