"""How a row finds its person or its tube, at once."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.messages import AlarmRaised, ResultsApplied, SamplesBound
from tests.results_ingest.support import NUMBERS, Ingest, effects


async def test_a_row_by_health_code_is_matched_and_told(ingest: Ingest) -> None:
    person = await ingest.person("HC-0001")
    batch = await ingest.post(ingest.row(health_code_id="HC-0001", collected_at=ingest.at(hours=-4)))

    assert (batch["status"], batch["matched"], batch["waiting"]) == ("matched", 1, 0)
    [effect] = effects(await ingest.told(ResultsApplied))
    assert effect["person_id"] == person.person_id
    assert (effect["outcome"], effect["mode"], effect["lab_code"]) == ("negative", "single", "LAB01")
    assert datetime.fromisoformat(effect["collected_at"]) == datetime(2030, 1, 15, tzinfo=UTC)
    assert str(effect["result_id"]) == (await ingest.rows(batch))[0]["result_id"]


async def test_a_row_by_document_is_matched_whatever_the_case_of_its_letter(ingest: Ingest) -> None:
    person = await ingest.person(None, NUMBERS[0], name="欧阳·娜娜")
    batch = await ingest.post(ingest.row(id_type="resident_id", id_no=NUMBERS[0].lower(), name="欧阳娜娜"))

    assert batch["matched"] == 1
    assert effects(await ingest.told(ResultsApplied))[0]["person_id"] == person.person_id


async def test_an_old_code_leads_to_its_person_until_somebody_else_gets_it(ingest: Ingest) -> None:
    first = await ingest.person("HC-OLD")
    first.code, first.version = "HC-NEW", 2
    await ingest.learn(first)
    await ingest.post(ingest.row(health_code_id="HC-OLD"))
    assert effects(await ingest.told(ResultsApplied))[0]["person_id"] == first.person_id

    second = await ingest.person("HC-OLD")
    await ingest.post(ingest.row(health_code_id="HC-OLD", tested_at=ingest.at(hours=-2)))
    assert effects(await ingest.told(ResultsApplied))[0]["person_id"] == second.person_id


async def test_an_older_version_that_comes_late_changes_nothing(ingest: Ingest) -> None:
    person = await ingest.person("HC-NEW")
    person.version = 3
    await ingest.learn(person)
    person.code, person.version = "HC-OLD", 2
    await ingest.learn(person)

    [stored] = await ingest.run("SELECT health_code_id, version FROM ingest.identity")
    assert (stored["health_code_id"], stored["version"]) == ("HC-NEW", 3)
    assert (await ingest.post(ingest.row(health_code_id="HC-OLD")))["matched"] == 1


async def test_a_name_that_contradicts_the_number_is_held(ingest: Ingest) -> None:
    await ingest.person(None, NUMBERS[0], name="张三")
    batch = await ingest.post(ingest.row(id_type="resident_id", id_no=NUMBERS[0], name="李四"))

    assert (batch["held"], batch["matched"]) == (1, 0)
    assert (await ingest.rows(batch))[0]["code"] == "name_mismatch"
    assert effects(await ingest.told(ResultsApplied)) == []


async def test_a_code_and_a_number_of_two_people_are_held(ingest: Ingest) -> None:
    await ingest.person("HC-0001", NUMBERS[0])
    await ingest.person("HC-0002", NUMBERS[1])
    batch = await ingest.post(
        ingest.row(health_code_id="HC-0001", id_type="resident_id", id_no=NUMBERS[1]),
        ingest.row(
            health_code_id="HC-0001", id_type="resident_id", id_no=NUMBERS[2], tested_at=ingest.at(hours=-2)
        ),
    )
    assert [row["code"] for row in await ingest.rows(batch)] == ["identifiers_contradict"] * 2
    assert batch["held"] == 2


async def test_a_single_tube_gives_its_member_the_result_and_its_own_time(ingest: Ingest) -> None:
    person = await ingest.person("HC-0001")
    await ingest.bind("T-1", {"health_code_id": "HC-0001"}, lab_code="LAB01")
    [bound] = await ingest.told(SamplesBound)
    assert bound.samples[0].person_id == person.person_id

    batch = await ingest.post(ingest.row(tube_code="T-1"))
    assert (batch["matched"], batch["warnings"], batch["pooled_people"]) == (1, [], 1)
    [effect] = effects(await ingest.told(ResultsApplied))
    assert (effect["person_id"], effect["tube_code"]) == (person.person_id, "T-1")
    assert effect["tube_id"] == bound.samples[0].tube_id
    assert effect["collected_at"] == "2030-01-14T23:00:00+00:00"


async def test_a_row_mode_against_its_tube_is_held(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.bind("T-1", {"health_code_id": "HC-0001"})
    batch = await ingest.post(ingest.row(tube_code="T-1", mode="mixed"))
    assert (await ingest.rows(batch))[0] | {"verdict": "held", "code": "mode_mismatch"} == (
        await ingest.rows(batch)
    )[0]


async def test_a_row_whose_person_is_not_in_its_tube_is_held(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.person("HC-0002", NUMBERS[0], name="李四")
    await ingest.bind("T-1", {"health_code_id": "HC-0001"})
    batch = await ingest.post(
        ingest.row(tube_code="T-1", health_code_id="HC-0002"),
        ingest.row(tube_code="T-1", name="王五", tested_at=ingest.at(hours=-2)),
        ingest.row(tube_code="T-1", health_code_id="HC-0001", tested_at=ingest.at(hours=-3)),
    )
    assert [row.get("code") for row in await ingest.rows(batch)] == [
        "identifiers_contradict",
        "name_mismatch",
        None,
    ]


async def test_another_lab_than_expected_is_a_fault_and_a_second_lab_is_held(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.bind("T-1", {"health_code_id": "HC-0001"}, lab_code="LAB01")
    first = await ingest.post(ingest.row(tube_code="T-1"), lab="LAB02")
    assert (await ingest.rows(first, "LAB02"))[0] | {"verdict": "matched", "code": "unexpected_lab"} == (
        await ingest.rows(first, "LAB02")
    )[0]

    second = await ingest.post(ingest.row(tube_code="T-1"), lab="LAB01")
    assert (await ingest.rows(second))[0]["code"] == "second_lab"
    assert second["held"] == 1


async def test_a_held_positive_alarms_as_a_conflict(ingest: Ingest) -> None:
    person = await ingest.person("HC-0001", name="张三")
    await ingest.post(ingest.row(health_code_id="HC-0001"))
    batch = await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive"))

    assert (batch["held"], (await ingest.rows(batch))[0]["code"]) == (1, "conflicting_outcome")
    [alarm] = await ingest.told(AlarmRaised)
    assert (alarm.conflict, alarm.person_ids, alarm.outcome) == (True, (person.person_id,), "positive")
    assert alarm.subject_code == "HC-0001"


@pytest.mark.requirement(24)
async def test_a_thing_is_recorded_to_its_unit_and_touches_nobody(ingest: Ingest) -> None:
    await ingest.bind("T-1", mode="single", capacity=1, subject="item", sample_kind="food", unit_code="U-1")
    batch = await ingest.post(ingest.row(tube_code="T-1", outcome="positive"))

    assert (batch["matched"], batch["pooled_people"]) == (1, 0)
    assert effects(await ingest.told(ResultsApplied)) == []
    [alarm] = await ingest.told(AlarmRaised)
    assert (alarm.kind, alarm.subject_type, alarm.subject_code) == ("positive", "unit", "U-1")
    assert (alarm.person_ids, alarm.unit_code) == ((), "U-1")


async def test_two_rows_that_matching_shows_to_be_one_positive_alarm_once(ingest: Ingest) -> None:
    person = await ingest.person("HC-0001", NUMBERS[0])
    tested = ingest.at(hours=-1)
    batch = await ingest.post(
        ingest.row(health_code_id="HC-0001", outcome="positive", tested_at=tested),
        ingest.row(id_type="resident_id", id_no=NUMBERS[0], outcome="positive", tested_at=tested),
    )
    assert batch["matched"] == 2
    assert [e["person_id"] for e in effects(await ingest.told(ResultsApplied))] == [person.person_id]
    assert len(await ingest.told(AlarmRaised)) == 1
    assert len((await ingest.cdc.get("/v1/reviews?state=open")).json()["reviews"]) == 1


async def test_a_part_that_is_delivered_again_has_no_effect(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive"))
    await ingest.told(ResultsApplied)
    await ingest.run("UPDATE bus.delivery SET state = 'pending', due_at = clock_timestamp()"
                     " WHERE consumer = 'results-ingest'")  # fmt: skip
    await ingest.settle()

    assert await ingest.told(ResultsApplied) == []
    assert len(await ingest.told(AlarmRaised)) == 1


async def test_positives_are_told_urgently_and_negatives_are_not(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.person("HC-0002")
    await ingest.post(
        ingest.row(health_code_id="HC-0001", outcome="positive"), ingest.row(health_code_id="HC-0002")
    )
    urgent = await ingest.run(
        "SELECT m.name, d.urgent FROM bus.delivery d JOIN bus.message m USING (message_id)"
        " WHERE m.name IN ('results.applied', 'negatives.applied') ORDER BY d.urgent"
    )
    assert [tuple(row.values()) for row in urgent] == [
        ("negatives.applied", False),
        ("results.applied", True),
    ]


async def test_an_antibody_changes_nothing_and_alarms_nobody(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive", test_kind="antibody"))
    assert await ingest.told(AlarmRaised) == []
    assert (await ingest.cdc.get("/v1/reviews")).json()["reviews"] == []


async def test_a_positive_antigen_alarms_but_is_not_reviewed(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive", test_kind="antigen"))
    assert len(await ingest.told(AlarmRaised)) == 1
    assert (await ingest.cdc.get("/v1/reviews")).json()["reviews"] == []


async def test_the_join_goes_by_index_whatever_the_statistics(ingest: Ingest) -> None:
    from results_ingest.matching import queries

    await ingest.run(
        "INSERT INTO ingest.identity SELECT gen_random_uuid(), 'HC-' || n, 'other', int4send(n), '', 1"
        " FROM generate_series(1, 20000) n"
    )
    await ingest.run(
        "INSERT INTO ingest.identity_code SELECT health_code_id, person_id, 1 FROM ingest.identity"
    )
    async with ingest.context.db.transaction() as session:
        from sqlalchemy import text

        await session.execute(queries.STAGE)
        plan = "\n".join(
            row[0]
            for row in await session.execute(
                text(f"EXPLAIN {queries.INSERT_JUDGED.text}"), {"now": ingest.now}
            )
        )
    assert "Hash" not in plan
    assert "Seq Scan on identity" not in plan
    for index in ("identity_code_pk", "identity_pk", "identity_by_document", "tube_current_code"):
        assert index in plan, plan


async def test_results_lie_in_the_partition_of_their_month(ingest: Ingest) -> None:
    await ingest.run("SELECT ingest.make_result_partitions(CAST('2030-01-20' AS date), 3)")
    await ingest.person("HC-0001")
    batch = await ingest.post(ingest.row(health_code_id="HC-0001"))
    [stored] = await ingest.run("SELECT tableoid::regclass::text AS part, batch_id FROM ingest.result")
    assert (stored["part"], stored["batch_id"]) == ("ingest.result_2030_01", UUID(batch["batch_id"]))


async def test_a_late_result_of_a_tube_whose_code_was_used_again_is_held(ingest: Ingest) -> None:
    first, second = await ingest.person("HC-0001"), await ingest.person("HC-0002")
    await ingest.bind("T-1", {"health_code_id": "HC-0001"}, collected_at=ingest.at(days=-200))
    await ingest.run("UPDATE ingest.tube SET registered_at = registered_at - interval '200 days'")
    await ingest.bind("T-1", {"health_code_id": "HC-0002"}, collected_at=ingest.at(hours=-2))
    batch = await ingest.post(
        ingest.row(tube_code="T-1", tested_at=ingest.at(days=-199)),
        ingest.row(tube_code="T-1", tested_at=ingest.at(hours=-1)),
    )

    rows = await ingest.rows(batch)
    assert [(row["verdict"], row.get("code")) for row in rows] == [
        ("held", "tube_code_reused"),
        ("matched", None),
    ]
    told = {effect["person_id"] for effect in effects(await ingest.told(ResultsApplied))}
    assert told == {second.person_id}
    assert first.person_id not in told
