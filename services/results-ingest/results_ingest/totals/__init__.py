"""A laboratory's days as sums that add up, read from the rows themselves."""
