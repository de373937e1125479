"""Lists of registry taken out as sheets."""
