"""Findings: what is wrong at a unit, of which kind, about whom and since when; open until put right."""
