"""Notices: alerts, reminders and tasks, to whoever must act on them."""
