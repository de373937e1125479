"""Which reports are owed: forms, who is obliged, and the slots of each day. All of it dated data."""
