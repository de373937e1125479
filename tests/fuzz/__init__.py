"""Generated requests and generated values against the real system: `make fuzz` and its tests."""
