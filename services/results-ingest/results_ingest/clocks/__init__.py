"""Clocks of the chain 采送检报: their limits as dated data, how they start, and what is shown of them."""
