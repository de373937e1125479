"""What a unit's goods and premises owe: sampling plans beside those of its people."""
