"""Sheets in: imports that run as jobs, templates, the headers of people's own."""
