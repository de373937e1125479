"""Orders of a test: opened by certain events before there is a tube, followed to sample and result."""
