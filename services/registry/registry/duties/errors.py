"""What can be wrong with a duty."""

from typing import Final

from shared.errors import define

DUTY_IN_USE: Final = define(
    "duty_in_use",
    409,
    "该事项从这一天起已另有归口",
    "From this day on it is somebody else's already",
)
