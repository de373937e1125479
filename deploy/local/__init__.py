"""`make run` on one machine: real servers, six processes and one supervisor. Knows no business rule."""
