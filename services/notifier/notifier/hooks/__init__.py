"""A body's own address, where it is called about its notices; signed like a laboratory's."""
