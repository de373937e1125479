"""What a process refuses to start with outside demo and test: one line a reason, all at once."""
