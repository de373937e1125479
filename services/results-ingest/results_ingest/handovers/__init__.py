"""What happens to a sealed packet: handed to the courier, received or refused by the laboratory, closed."""
