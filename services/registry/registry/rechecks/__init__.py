"""The members of pools that were not negative: who is still to be tested singly, with which tube, by when."""
