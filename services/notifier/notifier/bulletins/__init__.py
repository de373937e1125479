"""The periodic bulletin of a department or township: what is open with it, once a period (row 102)."""
