"""How each channel is: its queue, its last success, and the canaries that show that it works."""
