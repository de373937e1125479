"""Tests, by service and by what they look at; tests/support holds what they stand on."""
