"""`make chaos`: the whole system broken on purpose, and what was acknowledged compared with what is there."""
