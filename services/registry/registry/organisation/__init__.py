"""What departments, duties, teams and divisions were before they were changed."""
