"""A notice as an official document: docx or pdf, from what was sealed when it was issued."""
