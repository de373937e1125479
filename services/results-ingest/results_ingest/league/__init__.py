"""The league of laboratories: who is how soon, by stage, day and category."""
