"""The ladder: numbered bulletins of units in breach, what each one owes, and the cases that hold them."""
