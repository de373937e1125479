"""Units, their responsible department, and the industry map that decides it."""
