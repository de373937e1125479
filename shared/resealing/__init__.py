"""What lies sealed under an old key or algorithm is sealed anew, while everything runs."""
