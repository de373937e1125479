"""Recipients whom nothing reached because no channel of theirs has an address."""
