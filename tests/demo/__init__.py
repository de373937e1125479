"""The generator of the demonstration: pure, so tested without servers."""
