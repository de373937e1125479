"""Results find their people: judged in one statement, early or late, and what follows from it."""
