"""Appeals: whoever must decide is told by when, and all concerned what came of it."""
