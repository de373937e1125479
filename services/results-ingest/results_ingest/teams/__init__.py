"""Which sampling team stands at which site, and what each team has sampled (requirements row 85)."""
