"""What was sent to a body for an answer: open, answered, closed, and how old (requirements row 103)."""
