"""Findings of registry: the unit is ordered to put them right, and told when it has."""
