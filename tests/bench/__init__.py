"""`make bench`: what the whole system carries, against the bare database in the same run."""
