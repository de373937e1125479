"""What the worker finds of clocks: warnings, breaches and what explains them, told once each."""
