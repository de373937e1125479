"""What may be found wrong, and the lists an inspection goes through: data with dated versions."""
