"""Messages of registry: keep the contact, then address again what waited for it."""
