"""What tests stand on: throw-away servers, databases from a template, the whole system in one process."""
