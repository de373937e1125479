"""The change feed of the health-code platform: cursors, pages and acknowledgements."""
