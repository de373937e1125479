"""I1-I12: what must hold between the clients' ledger and what the system has stored. Pure.

Each finding names its invariant and, where it is one, its kind: lost, doubled or misplaced.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from shared.routing import ROUTES
from tests.chaos.driver import HEADQUARTERS
from tests.chaos.ledger import Batch, Ledger, Row, display
from tests.chaos.stored import Stored
from tests.system.people import CDC, DEPARTMENT, TOWN

Kind = Literal["lost", "doubled", "misplaced", "other"]
TOLD: Final = {("cdc", CDC), ("department", DEPARTMENT), ("township", TOWN)}
ESCALATED: Final = {("department", HEADQUARTERS), ("district", HEADQUARTERS)}


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach; `what` names batches and codes, which are the harness's own."""

    invariant: str
    kind: Kind
    what: str


def check(ledger: Ledger, stored: Stored, taken: Mapping[str, int], *, excused: int) -> list[Finding]:
    """Return every breach.

    `taken` is what the provider took by delivery id; `excused` how many hand-overs may have come again.
    """
    return [
        *_answers(ledger),
        *_rows(ledger, stored),
        *_phantoms(ledger, stored),
        *_facts(ledger, stored),
        *_events(stored),
        *_alerts(ledger, stored),
        *_handed(stored, taken, excused=excused),
        *_looks(ledger, stored),
        *_sums(ledger, stored),
        *_shown(ledger, stored),
    ]


def _answers(ledger: Ledger) -> Iterator[Finding]:
    for said in ledger.contradictions:
        yield Finding("I1", "other", f"an answer belies another: {said}")


def _rows(ledger: Ledger, stored: Stored) -> Iterator[Finding]:
    """I1, I3: every acknowledged row is there once, as it was sent, in one state, with its person."""
    for batch in ledger.acknowledged():
        if batch.batch_no not in stored.batches:
            yield Finding("I1", "lost", f"{batch.batch_no} was acknowledged and is not there")
            continue
        for number, row in enumerate(batch.rows, start=1):
            yield from _row(batch, number, row, stored)


def _row(batch: Batch, number: int, row: Row, stored: Stored) -> Iterator[Finding]:
    key = (batch.batch_no, number)
    result, refused = stored.results.get(key), stored.refused.get(key)
    verdicts = ([result["state"]] if result else []) + ([refused] if refused else [])
    if len(verdicts) != 1:
        yield Finding("I1", "doubled" if verdicts else "lost", f"{key} is in the states {verdicts}")
        return
    if verdicts != [row.verdict]:
        yield Finding("I1", "misplaced", f"{key} is {verdicts[0]}, must be {row.verdict}")
    if result is None:
        return
    sent = (row.outcome, datetime.fromisoformat(row.body["tested_at"]), batch.lab)
    if sent != (result["outcome"], result["tested_at"], result["lab_code"]):
        yield Finding("I1", "misplaced", f"{key} is not what was sent")
    if result["orphan"]:
        yield Finding("I3", "misplaced", f"{key} belongs to nobody")
    of_person = row.verdict == "matched" and "tube_code" not in row.body
    if of_person and result["code"] != row.people[0]:
        yield Finding("I3", "misplaced", f"{key} is another person's")


def _phantoms(ledger: Ledger, stored: Stored) -> Iterator[Finding]:
    """I2: nothing is there that no client sent."""
    for batch_no in stored.batches.keys() - ledger.sent:
        yield Finding("I2", "doubled", f"nobody sent {batch_no}")
    for batch_no, number in [*stored.results, *stored.refused]:
        batch = ledger.batches.get(batch_no)
        if batch is None or number > len(batch.rows):
            yield Finding("I2", "doubled", f"nobody sent row {number} of {batch_no}")
    for somebody in stored.facts.keys() - ledger.people.keys():
        yield Finding("I3", "misplaced", f"facts of nobody we know: {somebody}")


def _facts(ledger: Ledger, stored: Stored) -> Iterator[Finding]:
    """I3, I4: registry has each person's results once each, and nobody else's; corrections are a chain."""
    wanted: dict[str | None, Counter[tuple[Any, ...]]] = {}
    unsure = {
        (code, row.at[1])
        for batch in ledger.batches.values()
        if batch.receipt is None
        for row in batch.rows
        for code in row.people
    }
    for batch in ledger.acknowledged():
        for row in batch.rows:
            if row.verdict == "matched":
                fact = (row.outcome, row.at[1], batch.lab, row.corrects is not None)
                for code in row.people:
                    wanted.setdefault(code, Counter())[fact] += 1
    for who in wanted.keys() | stored.facts.keys():
        found: Counter[tuple[Any, ...]] = Counter(
            {(f.outcome, f.tested_at, f.lab_code, f.replaces): f.times for f in stored.facts.get(who, [])}
        )
        for fact, times in (wanted.get(who, Counter()) - found).items():
            yield Finding("I4", "lost", f"{who}: {times} of {fact[0]} {fact[1]} never reached the ledger")
        for fact, times in (found - wanted.get(who, Counter())).items():
            if (who, fact[1]) in unsure:
                continue  # posted, never answered: it may be there
            kind: Kind = "doubled" if fact in wanted.get(who, Counter()) else "misplaced"
            yield Finding("I4", kind, f"{who}: {times} of {fact[0]} {fact[1]} too many")


def _events(stored: Stored) -> Iterator[Finding]:
    """I5: every message has come to each of its consumers, and nothing is left undone."""
    for row in stored.undone:
        yield Finding("I5", "lost", f"{row['name']} is {row['state']} at {row['consumer']}")
    for name, consumers in stored.messages:
        if consumers != tuple(sorted(ROUTES[name])):
            yield Finding("I5", "lost", f"{name} went to {consumers}")


def _alerts(ledger: Ledger, stored: Stored) -> Iterator[Finding]:
    """I6: every positive is told to each body that must know, once, and to nobody else."""
    wanted = {_alert(row) for batch in ledger.acknowledged() for row in batch.rows if _alarming(row)}
    # What was posted and never answered may have been taken.
    unanswered = {
        _alert(row)
        for batch in ledger.batches.values()
        if batch.receipt is None
        for row in batch.rows
        if _alarming(row)
    }
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for notice in stored.notices:
        key = (notice["kind"], notice["subject_code"])
        told.setdefault(key, []).append((notice["recipient_type"], notice["recipient_code"]))
    for key in wanted:
        found = told.get(key, [])
        for who in TOLD - set(found):
            yield Finding("I6", "lost", f"{key} was not told to {who}")
        for who in set(found) - TOLD - ESCALATED:
            yield Finding("I6", "misplaced", f"{key} was told to {who}")
        if len(found) != len(set(found)):
            yield Finding("I6", "doubled", f"{key} was told twice")
    for key in told.keys() - wanted - unanswered:
        yield Finding("I6", "misplaced", f"an alert of {key} that nobody sent")


def _alarming(row: Row) -> bool:
    return row.verdict == "matched" and row.outcome == "positive"


def _alert(row: Row) -> tuple[str, str]:
    return ("alert.pool", row.body["tube_code"]) if row.pooled else ("alert.positive", row.people[0])


def _handed(stored: Stored, taken: Mapping[str, int], *, excused: int) -> Iterator[Finding]:
    """I6: each alert came to the provider, no more often than it was claimed."""
    for notice in stored.notices:
        who = (notice["recipient_type"], notice["recipient_code"])
        sent = [each for each in notice["deliveries"] or [] if taken.get(str(each))]
        if who in TOLD and not sent and notice["status"] != "revoked":
            yield Finding("I6", "lost", f"{notice['subject_code']} was never handed over for {who}")
    for delivery in taken.keys() - stored.gateway.keys():
        yield Finding("I6", "misplaced", f"the provider took {delivery}, which nobody queued")
    for delivery, times in taken.items():
        if times > stored.gateway.get(delivery, times):
            yield Finding("I6", "doubled", f"{delivery} went out {times} times, more than it was claimed")
    again = sum(times - 1 for times in taken.values())
    if again > excused:
        yield Finding("I6", "doubled", f"{again} messages went out again, {excused} may have")


def _looks(ledger: Ledger, stored: Stored) -> Iterator[Finding]:
    """I9: the trail holds every look that was answered, and none that nobody took."""
    if not ledger.looks["answered"] <= stored.looks <= ledger.looks["tried"]:
        yield Finding("I9", "other", f"{stored.looks} looks are kept, of {dict(ledger.looks)}")
    if stored.struck:  # looks that nobody answered leave room for a few between the two numbers
        yield Finding("I9", "other", f"{stored.struck} rows of the trail are gone")


def _sums(ledger: Ledger, stored: Stored) -> Iterator[Finding]:
    """I7, I11: the receipt's counts are the rows' own, by batch, and so by laboratory and day."""
    states = Counter((batch_no, row["state"]) for (batch_no, _), row in stored.results.items())
    refused = Counter((batch_no, verdict) for (batch_no, _), verdict in stored.refused.items())
    for batch_no, batch in stored.batches.items():
        accepted = sum(states[batch_no, state] for state in ("matched", "unmatched", "held"))
        counted = (accepted, refused[batch_no, "rejected"], refused[batch_no, "duplicate"])
        said = (batch["accepted"], batch["rejected"], batch["duplicates"])
        if counted != said or sum(said) != batch["rows"]:
            yield Finding("I11", "lost", f"{batch_no}: {counted} rows, receipt of {said}")
        sent = ledger.batches.get(batch_no)
        if sent is not None and len(sent.rows) != batch["rows"]:
            yield Finding("I11", "lost", f"{batch_no}: {batch['rows']} of {len(sent.rows)} rows")


def _shown(ledger: Ledger, stored: Stored) -> Iterator[Finding]:
    """I12 and the feed: no negative hides a positive; what changed last has its number."""
    for code, rows in ledger.effective().items():
        status = stored.statuses.get(code)
        hold = {"under_recheck": "under_recheck", "positive": "positive"}.get(display(rows))
        if status is None or (hold is not None and status["hold"] != hold):
            yield Finding("I12", "misplaced", f"{code} must be {display(rows)}")
        elif status["numbered_at"] is None or status["numbered_at"] < status["changed_at"]:
            yield Finding("feed", "lost", f"the newest change of {code} has no number")
    numbers, newest = stored.feed
    if numbers != newest:
        yield Finding("feed", "lost", f"{numbers} changes up to number {newest}")
