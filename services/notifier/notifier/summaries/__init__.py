"""A day's reports of an area in one: made from the filings, signed, fixed from then on (row 122)."""
