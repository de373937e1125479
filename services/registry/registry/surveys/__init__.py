"""Survey rounds against the bureau's list: only licensed, only surveyed, both, closed (rows 38, 41)."""
