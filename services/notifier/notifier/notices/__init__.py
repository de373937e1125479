"""Notices: issued once, listed, acknowledged, revoked; their deliveries are queued here."""
