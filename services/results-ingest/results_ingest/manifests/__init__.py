"""What a laboratory says it has tested on a day, compared with what has arrived from it (row 80)."""
