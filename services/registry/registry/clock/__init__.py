"""The business clock of demo and test."""
