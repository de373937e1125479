"""Who is overdue, person by person and unit by unit."""
