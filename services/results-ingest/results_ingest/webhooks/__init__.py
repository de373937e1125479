"""A laboratory's own address, called when a batch of its has been matched; signed, repeated, listed."""
