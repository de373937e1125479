"""The issue ledger: each period begins with what the one before has left open."""
