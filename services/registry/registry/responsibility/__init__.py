"""Who answers for a unit: township, department, the unit's own people, and what is missing (rows 42-50)."""
