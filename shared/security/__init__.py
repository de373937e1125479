"""Sealing, blind indexes, tokens and access."""
