"""The history of a result: what it replaced and why, what replaced it, and how each was reviewed."""
