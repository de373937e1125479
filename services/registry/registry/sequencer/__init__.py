"""The sequencer: numbers what changed in the order of commits, for the change feed."""
