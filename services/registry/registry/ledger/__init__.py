"""The ledger: every fact about a person's samples, and the explanation of their due date."""
