"""Who lives in which grid: the baseline roster of mass testing rounds (requirements rows 51 and 87)."""
