"""Laboratories that fall silent: the CDC and the laboratory hear of it, and of its end."""
