"""What notices say, in Chinese and English."""
