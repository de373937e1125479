"""For laboratories whose system only drops files into a folder; `uploader.py` alone is what they install."""
