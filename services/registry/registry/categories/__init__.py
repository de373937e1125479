"""Categories of key groups and their rules, as effective-dated data."""
