"""The CDC's reviews of positives: the work list and the verdicts."""
