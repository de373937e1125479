"""What runs the system: on one machine, in containers, and with a demonstration in it."""
