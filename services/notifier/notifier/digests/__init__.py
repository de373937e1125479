"""Digests of samples, rounds and intake: counts for the body that answers, never a sample or a name."""
