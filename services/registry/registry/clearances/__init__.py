"""Whether somebody was cleared at a moment gone by, and what was entered about them, version by version."""
