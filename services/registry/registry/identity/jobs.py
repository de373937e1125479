"""What comes round: spent assertions are forgotten, and signing keys turned over by age."""

from datetime import timedelta
from typing import Final

from registry.identity.proofs import forget_spent
from registry.identity.rotation import rotate_by_age
from shared.bus import Schedule

SCHEDULES: Final = [
    Schedule("identity.spent_assertions", timedelta(minutes=1), forget_spent),
    Schedule("identity.signing_keys", timedelta(minutes=1), rotate_by_age),
]
