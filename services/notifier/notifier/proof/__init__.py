"""Proof for any body and period: everything it was sent and what became of it, chained and signed."""
