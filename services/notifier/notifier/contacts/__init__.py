"""Sealed projections of people, units and departments, kept from registry's messages."""
