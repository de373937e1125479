"""What became of a laboratory's rows later: a feed that its own system follows with a cursor."""
