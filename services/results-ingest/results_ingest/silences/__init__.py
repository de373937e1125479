"""Laboratories that are expected to post and do not, and what each is loaded with."""
