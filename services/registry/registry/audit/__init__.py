"""Who looked at whom: rows that are only ever added."""
