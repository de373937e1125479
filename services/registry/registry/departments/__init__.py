"""Departments, townships and districts: who answers for whom."""
