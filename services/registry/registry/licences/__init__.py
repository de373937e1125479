"""The approvals bureau's list: trades as data, licences as listed (requirements rows 38, 39)."""
