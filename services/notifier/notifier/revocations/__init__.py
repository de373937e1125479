"""Taking a notice back; of a bulletin both copies go, and its case is counted anew."""
