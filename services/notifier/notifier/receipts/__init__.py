"""What a provider says became of a delivery: signed, kept once, in any order."""
