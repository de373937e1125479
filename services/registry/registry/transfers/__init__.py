"""Moving somebody from one unit or category to another on a day: one stay ends and the next begins."""
