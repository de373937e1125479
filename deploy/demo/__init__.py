"""The demonstration: a generated district, and the client that sends it through the public APIs."""
