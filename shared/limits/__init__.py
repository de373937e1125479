"""What one credential may cost: requests, rows, bytes and look-ups of people; see docs/decisions/0018."""
