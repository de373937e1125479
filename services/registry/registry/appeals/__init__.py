"""Appeals: a person or a unit disputes what is shown; another person decides; existing ways correct it."""
