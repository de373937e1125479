"""Who people are, as far as results need it: ids and keyed indexes, never a number or a name."""
