"""One history of the database, its roles and its grants."""
