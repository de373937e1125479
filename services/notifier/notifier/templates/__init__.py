"""An administrator's dated versions of the texts: checked when saved, in force from a day on."""
