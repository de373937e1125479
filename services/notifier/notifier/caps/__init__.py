"""How many messages a recipient gets on a day; the rest is told of in one, a digest."""
