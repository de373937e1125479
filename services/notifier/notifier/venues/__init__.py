"""What venues report of themselves, told to the bodies above them as one notice a day."""
