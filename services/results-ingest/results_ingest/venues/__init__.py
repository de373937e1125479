"""Venues file what they sampled themselves: people, environment, surfaces, goods (requirements row 151)."""
