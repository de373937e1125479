"""Alerts of positives and positive pools."""
