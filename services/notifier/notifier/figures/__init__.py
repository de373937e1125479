"""Notices by kind, state and day, open alerts, and acknowledgements that are overdue."""
