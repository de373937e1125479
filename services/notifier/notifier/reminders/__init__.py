"""Reminders before, on and after the due date."""
