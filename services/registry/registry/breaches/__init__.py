"""Breaches: which units were in breach when a week ended, of which kind and why; judged once a week."""
