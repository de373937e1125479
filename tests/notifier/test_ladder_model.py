"""The ladder against a slow model, whatever happens in whatever order: no double count, no skipped step."""

import itertools
from datetime import date, datetime, time, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifier.ladder.deadlines import chase
from notifier.ladder.jobs import on_week_breached
from notifier.ladder.rules import Bulletin, Interview, owed, stage_of
from shared.clock import SHANGHAI, day_of
from tests.notifier.desk import Desk
from tests.notifier.ladder_model import INTERVIEW, REPORT, UPWARD, Issued, Model
from tests.notifier.weeks import FIRST, breached, monday, now

ACTIONS = st.one_of(
    st.tuples(st.just("breach"), st.integers(0, 3)),  # the last week judged, or one further back
    st.tuples(st.just("breach"), st.just(0)),
    st.tuples(st.just("next week"), st.just(1)),
    st.tuples(st.just("days"), st.sampled_from([1, 3, 100])),
    st.tuples(st.sampled_from(["report", "interview", "rectify", "close", "acknowledge"]), st.integers(0, 1)),
    st.tuples(st.just("revoke"), st.integers(0, 5)),
)
numbers = itertools.count(1)


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=9, unique_by=lambda one: one[0]),
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 9)), max_size=3),
)
def test_what_is_owed_is_what_the_model_says(
    bulletins: list[tuple[int, bool]], interviews: list[tuple[int, int]]
) -> None:
    model = Model(bulletins=[Issued(monday(week), revoked) for week, revoked in bulletins])
    model.interviews = [(FIRST + timedelta(days=day), until) for day, until in interviews]
    found = owed(
        [Bulletin(seq, monday(week)) for seq, (week, revoked) in enumerate(bulletins) if not revoked],
        [Interview(until - 1, FIRST + timedelta(days=day)) for day, until in interviews],
        interview_at=3,
    )
    assert found == model.wanted()
    assert stage_of(found, interview_at=3, closed=False) == model.stage()


class Story:
    """One unit, its model, and the two clients who act on its case."""

    def __init__(self, desk: Desk, one: httpx.AsyncClient, two: httpx.AsyncClient) -> None:
        self.desk, self.clients, self.model = desk, (one, two), Model()
        self.unit = f"MODEL-{next(numbers)}"
        self.moment = datetime.combine(monday(1), time(10), SHANGHAI)

    async def act(self, action: str, number: int) -> None:
        """Do one thing to both."""
        self.moment += timedelta(minutes=1)
        if action == "next week":
            self.moment += timedelta(days=7 - self.moment.weekday())
        elif action == "days":
            self.moment += timedelta(days=number)
        await self.desk.system.set_clock(self.moment)
        today = day_of(self.moment)
        if action == "breach":
            await self._breach(today - timedelta(days=today.weekday()) - timedelta(weeks=number + 1), today)
        elif action in ("report", "interview", "rectify", "close"):
            await self._step(action, number, today)
        elif action == "revoke":
            await self._revoke(number, today)
        elif action == "acknowledge":
            await self._acknowledge()
        await self._look()

    async def _breach(self, week: date, today: date) -> None:
        if week < FIRST:
            return
        context = self.desk.system.context("notifier")
        message = breached((week - FIRST).days // 7, self.unit)
        for _ in range(2):
            async with context.db.transaction() as session:
                await on_week_breached(session, message, context)
        self.model.breach(week, today)

    async def _step(self, action: str, number: int, today: date) -> None:
        case = await self._case()
        if case is None:
            return
        kind = {"report": "written_report", "rectify": "rectified", "close": "closed"}.get(action, action)
        body = {"kind": kind, "by": "甲", "at": (await now(self.desk)).isoformat(), "note": "好"}
        answer = await self.clients[number].post(f"/v1/cases/{case['case_id']}/steps", json=body)
        taken = {
            "report": lambda: self.model.answer(REPORT, today),
            "interview": lambda: self.model.answer(INTERVIEW, today),
            "rectify": lambda: self.model.rectify(str(number)),
            "close": lambda: self.model.close(str(number), today),
        }[action]()
        assert answer.status_code == (200 if taken else 409), answer.text

    async def _revoke(self, number: int, today: date) -> None:
        bulletins = await self._standing("bulletin.unit", revoked=True)
        if number < len(bulletins):
            path = f"/v1/notices/{bulletins[number]['notice_id']}/revocation"
            answer = await self.clients[0].post(path, json={"by": "甲", "reason": "误报"})
            assert answer.status_code == 200, answer.text
            self.model.revoke(number, today)

    async def _acknowledge(self) -> None:
        for upward in await self._standing(UPWARD):
            path = f"/v1/notices/{upward['notice_id']}/acknowledgement"
            assert (await self.clients[0].post(path, json={"by": "甲"})).status_code == 200
        self.model.acknowledged |= {
            number
            for (number, kind), (_, state) in self.model.tasks.items()
            if kind == UPWARD and state == "open"
        }

    async def _look(self) -> None:
        context = self.desk.system.context("notifier")
        for _ in range(2):
            async with context.db.transaction() as session:
                await chase(session, context)

    async def _case(self) -> dict[str, Any] | None:
        found = (await self.clients[0].get("/v1/cases", params={"unit_code": self.unit})).json()["cases"]
        assert len(found) <= 1
        return found[0] if found else None

    async def _standing(self, kind: str, *, revoked: bool = False) -> list[dict[str, Any]]:
        found = await self.desk.notices(kind=kind, subject_code=self.unit)
        mine = [one for one in found if one["recipient"]["type"] != "township"]
        return [one for one in mine if revoked or one["status"] != "revoked"]

    async def check(self) -> None:
        """Compare."""
        case, model = await self._case(), self.model
        assert (case is None) == (not model.bulletins)
        if case is None:
            return
        assert case["stage"] == model.stage()
        assert case["count"] == len(model.wanted())
        bulletins = await self._standing("bulletin.unit", revoked=True)
        assert [one["evidence"]["week"]["from"] for one in bulletins] == [
            one.week.isoformat() for one in model.bulletins
        ]
        assert [one["status"] == "revoked" for one in bulletins] == [one.revoked for one in model.bulletins]
        for kind in (REPORT, INTERVIEW, UPWARD):
            owed_now = len(model.owing(kind)) if kind != UPWARD else 0
            assert sum(one["kind"] == kind for one in case["owed"]) == owed_now, kind


@pytest.mark.requirement(101)
@pytest.mark.slow
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=settings().max_examples // 10,
)
@given(actions=st.lists(ACTIONS, min_size=6, max_size=18))
async def test_the_service_follows_the_model_through_any_story(
    desk: Desk, actions: list[tuple[str, int]]
) -> None:
    await desk.system.stop_workers()
    async with desk.client("admin") as one, desk.client("admin") as two:
        story = Story(desk, one, two)
        for action, number in actions:
            await story.act(action, number)
        await story.check()
        issued = await desk.rows(
            "SELECT count(*) AS n, max(n) AS last FROM notifier.ladder_breach WHERE n IS NOT NULL GROUP BY department_code, year"
        )
        assert all(each["n"] == each["last"] for each in issued)
