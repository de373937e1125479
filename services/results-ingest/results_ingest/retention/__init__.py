"""What is kept how long, what would go, what went, and what a legal hold keeps."""
