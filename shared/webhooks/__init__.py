"""Calls to other people's addresses: where they may go, how they are signed and checked."""
