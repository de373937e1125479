"""Keys that change while everything runs."""
