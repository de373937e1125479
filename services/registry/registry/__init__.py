"""Who must be tested, when, and what the health code may show of them."""
