"""What a laboratory sent, byte for byte: sealed, kept for its time, and proved against its receipt."""
