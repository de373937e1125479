"""Object scope: every operation of the three OpenAPI documents × somebody else's credentials."""
