"""What was filed: versions of each report, zero apart from silence, and lists of who is late or missing."""
