"""Inspections of units and laboratories; whatever one finds is a problem with a numbered order."""
