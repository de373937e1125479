"""The night's list of what is wrong in the data, by laboratory and site, with the rows behind each count."""
