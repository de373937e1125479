"""Rows of registry.person_status as hypothesis draws them, at one moment."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from hypothesis import strategies as st

from registry.statuses.display import Limits, StatusRow
from registry.statuses.facts import SHANGHAI

NOW = datetime(2026, 11, 21, 12, tzinfo=SHANGHAI)
LIMITS = Limits(pending=timedelta(hours=72), lab=timedelta(hours=24))
moments = st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 21, 11)).map(  # noqa: DTZ001 - made aware
    lambda moment: moment.replace(tzinfo=SHANGHAI)
)
days = st.none() | st.dates(date(2026, 11, 10), date(2026, 12, 5))


@st.composite
def rows(draw: st.DrawFn) -> StatusRow:
    """Return a row as registry.person_status may hold it."""
    hold = draw(st.sampled_from([None, "positive", "under_recheck"]))
    outcome = draw(st.sampled_from([None, "negative"] if hold is None else [None, "negative", "positive"]))
    tubes = tuple(draw(st.lists(moments, max_size=2)))
    exempt, suspended = draw(days), draw(days)
    return StatusRow(
        uuid4(),
        hold=hold,
        last_outcome=outcome,
        last_mode=outcome and draw(st.sampled_from(["single", "mixed"])),
        last_collected_at=draw(moments) if outcome else None,
        last_tested_at=draw(moments) if outcome else None,
        last_reported_at=draw(moments) if outcome else None,
        last_lab_code=outcome and "LAB-1.a",
        last_reviewed=outcome is not None and draw(st.booleans()),
        counted_on=draw(days),
        pending_tubes=tuple(uuid4() for _ in tubes),
        pending_at=tubes,
        pending_limits=tuple(at + LIMITS.lab for at in tubes),
        duty_from=draw(days),
        soon_days=draw(st.integers(0, 3)),
        due_on=draw(days),
        exempt_from=exempt,
        exempt_to=exempt and exempt + timedelta(days=3),
        suspended_from=suspended,
        suspended_to=suspended and suspended + timedelta(days=3),
        version=draw(st.integers(1, 2**53)),
        changed_at=draw(moments),
    )
