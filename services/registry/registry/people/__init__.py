"""People, their health codes, enrolments and exemptions."""
