"""What each laboratory reported on a day: batches, rows, outcomes, and how soon after the sampling."""
