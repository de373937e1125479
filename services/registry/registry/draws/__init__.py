"""Whom to sample this week: drawn by a seed, those longest untested first."""
