"""Every sample with its cause: where it is, whose turn it is, and whether it ends in time (row 80)."""
