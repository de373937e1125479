"""What happens to a person and opens samples that are owed: visits, admissions, arrivals, quarantine."""
