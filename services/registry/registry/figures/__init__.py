"""Compliance week by week: how many of those who owed a sample were never behind, and who they are."""
