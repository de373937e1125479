"""Quiet hours and workdays: when something that is not urgent may be sent."""
