"""Whatever steps are tried in whatever order: nothing closes without proof, a re-check and a second person."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifier.issue_ledger.rules import Period, begin_of, carried_periods, end_of
from notifier.problems.rules import AFTER, STEPS, Standing, refusal

TODAY = date(2026, 11, 23)
CLIENTS = st.sampled_from(["a", "b", "c"])
# Mostly what leads to the closing, or a problem hardly ever gets there.
KINDS = st.sampled_from([*(("evidence", "recheck_passed", "closed") * 5), *STEPS])
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def after(standing: Standing, kind: str, client: str, due_on: date) -> Standing:
    """Return how a problem stands after a step that was allowed."""
    changed = replace(standing, state=AFTER.get(kind, standing.state))
    if kind == "evidence":
        return replace(changed, answered_by=standing.answered_by | {client})
    if kind == "extension_asked":
        return replace(changed, asked_by=client)
    if kind in ("extended", "extension_refused"):
        return replace(changed, asked_by=None)
    if kind in ("recheck_failed", "close_refused"):
        return replace(changed, due_on=due_on, asked_by=None)
    if kind in ("stopped", "accepted"):
        return replace(changed, stopped=kind == "stopped")
    return replace(changed, listed=kind == "listed") if kind in ("listed", "unlisted") else changed


@given(st.lists(st.tuples(KINDS, CLIENTS, st.integers(-3, 9)), min_size=20, max_size=60))
def test_nothing_closes_without_proof_a_recheck_and_somebody_else(tried: list[tuple[str, str, int]]) -> None:
    standing, done = Standing("open", TODAY), []
    for kind, client, days in tried:
        due_on = TODAY + timedelta(days=days)
        asked = due_on if kind in ("recheck_failed", "close_refused", "extension_asked") else None
        if refusal(standing, kind, client_id=client, today=TODAY, due_on=asked) is None:
            assert standing.state != "closed"
            standing = after(standing, kind, client, due_on)
            done.append((kind, client))
        assert standing.due_on >= TODAY
    provers = {client for kind, client in done if kind == "evidence"}
    if standing.state == "closed":
        kinds = [kind for kind, _ in done]
        assert kinds[-1] == "closed"
        assert done[-1][1] not in provers
        course = [kind for kind in kinds if kind in AFTER]
        assert course[-3:-1] == ["evidence", "recheck_passed"]
        assert kinds.count("stopped") == kinds.count("accepted")
    asked_for = [client for kind, client in done if kind == "extension_asked"]
    for kind, client in done:
        assert kind != "extended" or set(asked_for) != {client}


@given(DAYS, DAYS, st.sampled_from(["week", "month"]))
def test_periods_follow_one_another_and_count_what_is_carried(one: date, other: date, period: Period) -> None:
    found, now = sorted((one, other))
    begin = begin_of(found, period)
    carried = 0
    while not begin <= now < end_of(begin, period):
        begin = end_of(begin, period)
        carried += 1
    assert begin == begin_of(now, period)
    assert carried_periods(found, begin, period) == carried
