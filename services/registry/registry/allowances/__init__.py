"""What single clients may cost, set by an administrator, and who has looked for too many people."""
