"""Clients, their secrets, and the tokens that they are given (contract §2)."""
