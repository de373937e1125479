"""The desk for results that found nobody, or that a person has to decide on."""
