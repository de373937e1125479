"""Claiming deliveries, handing them to channels, and repeating what nobody acknowledged."""
