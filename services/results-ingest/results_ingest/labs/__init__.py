"""The laboratories whose results are taken."""
