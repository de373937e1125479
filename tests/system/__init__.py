"""Tests of the whole, through HTTP and real workers."""
