"""A laboratory's client before its release: its report of the conformance check, and the release on it."""
