"""Work lists: items with a lead and assistants, a deadline or a review, chased until done (117-120, 137)."""
