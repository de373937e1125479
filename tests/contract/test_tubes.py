"""Contract §5: tubes, one by one and in bulk, their members, and where they stand."""

import pytest

from tests.contract.intake import HOUR, ago, bound, fresh, matched, moment, result, tube
from tests.contract.office import Answer, Office, problem
from tests.system.people import UNIT, ok, resident_id, text

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def refused(office: Office, body: Answer, code: str | None, status: int = 422) -> None:
    """Check that a tube is refused alone and in bulk, and binds nobody."""
    alone = problem(await office.sampling.post("/v1/tubes", json=body), status)
    if code is not None:
        assert alone["code"] == code or code in {one["code"] for one in alone["errors"]}, alone
    many = await office.sampling.post("/v1/tubes/bulk", json={"tubes": [body]})
    assert many.status_code == 200, many.text
    verdict = many.json()
    assert (verdict["accepted"], verdict["updated"], verdict["rejected"]) == (0, 0, 1), verdict
    assert verdict["errors"][0]["row"] == 1
    if code is not None:
        assert code in {one["code"] for one in verdict["errors"]}, verdict


async def test_a_new_tube_is_201_and_the_same_again_200(office: Office) -> None:
    body = tube(office, await office.somebody(), site_code="SITE-1", lab_code="LAB01", packet_code="P-1")
    first = await office.sampling.post("/v1/tubes", json=body)
    assert first.status_code == 201, first.text
    assert first.json()["tube_code"] == body["tube_code"]
    again = await office.sampling.post("/v1/tubes", json=dict(reversed(body.items())))
    assert again.status_code == 200, again.text


async def test_the_same_moment_written_with_z_is_the_same_tube(office: Office) -> None:
    body = tube(office, await office.somebody())
    await ok(office.sampling.post("/v1/tubes", json=body))
    utc = moment(body["collected_at"]) - 8 * HOUR
    again = body | {"collected_at": utc.strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert (await office.sampling.post("/v1/tubes", json=again)).status_code == 200


async def test_other_content_under_a_tube_code_is_409(office: Office) -> None:
    body = tube(office, await office.somebody())
    await ok(office.sampling.post("/v1/tubes", json=body))
    for change in (
        {"collected_at": ago(office, 5)},
        {"members": [{"health_code_id": await office.somebody()}]},
        {"site_code": "SITE-9"},
    ):
        answer = await office.sampling.post("/v1/tubes", json=body | change)
        problem(answer, 409, "tube_code_in_use")


@pytest.mark.parametrize("capacity", [5, 10, 20])
async def test_mixed_tubes_hold_five_ten_or_twenty(office: Office, capacity: int) -> None:
    codes = [await office.somebody() for _ in range(2)]
    await bound(office, *codes, capacity=capacity)


async def test_bulk_gives_a_verdict_per_row(office: Office) -> None:
    known = tube(office, await office.somebody())
    await ok(office.sampling.post("/v1/tubes", json=known))
    in_use = tube(office, await office.somebody())
    await ok(office.sampling.post("/v1/tubes", json=in_use))
    rows = [
        tube(office, await office.somebody()),
        known,
        in_use | {"collected_at": ago(office, 9)},
        tube(office, await office.somebody()) | {"surprise": 1},
        tube(office, await office.somebody()) | {"capacity": "1"},
        tube(office, await office.somebody(), collected_at="2026-11-21T10:00:00"),
        tube(office, await office.somebody(), collected_at=text(office.now + HOUR)),
        tube(office, await office.somebody(), tube_code="has space"),
        "no tube",
    ]
    answer = await office.sampling.post("/v1/tubes/bulk", json={"tubes": rows})
    assert answer.status_code == 200, answer.text
    verdict = answer.json()
    assert set(verdict) >= {"accepted", "updated", "rejected", "errors"}
    assert (verdict["accepted"], verdict["updated"], verdict["rejected"]) == (1, 1, 7), verdict
    assert sorted({one["row"] for one in verdict["errors"]}) == [3, 4, 5, 6, 7, 8, 9]
    assert all({"row", "field", "code", "message"} <= set(one) for one in verdict["errors"])
    assert [one["code"] for one in verdict["errors"] if one["row"] == 3] == ["tube_code_in_use"]


async def test_bulk_is_refused_whole_only_for_its_envelope_or_size(office: Office) -> None:
    post = office.sampling.post
    problem(await post("/v1/tubes/bulk", json={"tubes": []}), 422)
    problem(await post("/v1/tubes/bulk", json={"tubes": [], "more": 1}), 422)
    problem(await post("/v1/tubes/bulk", json=[]), 422)
    problem(
        await post(
            "/v1/tubes/bulk", content=b'{"tubes":[NaN]}', headers={"content-type": "application/json"}
        ),
        400,
    )
    small = {"tube_code": "T"}
    problem(await post("/v1/tubes/bulk", json={"tubes": [small] * 2001}), 413)
    crowd = [{"health_code_id": "HC-X"}] * 20
    many = [tube(office, mode="mixed", capacity=20, members=crowd) for _ in range(1001)]
    problem(await post("/v1/tubes/bulk", json={"tubes": many}), 413)


async def test_a_tube_twice_in_one_bulk_is_new_and_then_known(office: Office) -> None:
    body = tube(office, await office.somebody())
    other = body | {"collected_at": ago(office, 7)}
    verdict = await ok(office.sampling.post("/v1/tubes/bulk", json={"tubes": [body, body, other]}))
    assert (verdict["accepted"], verdict["updated"], verdict["rejected"]) == (1, 1, 1), verdict


@pytest.mark.parametrize("missing", ["tube_code", "mode", "capacity", "subject", "collected_at"])
async def test_a_tube_lacks_nothing_that_the_page_asks_for(office: Office, missing: str) -> None:
    body = tube(office, await office.somebody())
    del body[missing]
    await refused(office, body, None)


@pytest.mark.requirement(25, 24)
@pytest.mark.parametrize("subject", ["item", "environment"])
async def test_things_need_a_unit_and_a_kind_and_have_no_members(office: Office, subject: str) -> None:
    thing = tube(office, subject=subject, unit_code=UNIT, sample_kind="surface")
    await refused(office, {key: value for key, value in thing.items() if key != "unit_code"}, None)
    await refused(office, {key: value for key, value in thing.items() if key != "sample_kind"}, None)
    await refused(office, thing | {"members": [{"health_code_id": await office.somebody()}]}, None)
    answer = await office.sampling.post("/v1/tubes", json=thing)
    assert answer.status_code == 201, answer.text


async def test_things_may_leave_the_empty_list_of_members_out(office: Office) -> None:
    thing = tube(office, subject="item", unit_code=UNIT, sample_kind="food")
    del thing["members"]
    answer = await office.sampling.post("/v1/tubes", json=thing)
    assert answer.status_code == 201, answer.text


@pytest.mark.requirement(73)
@pytest.mark.parametrize("sign", [{"code_color": "yellow"}, {"travel_star": True}])
async def test_yellow_or_star_is_sampled_alone(office: Office, sign: Answer) -> None:
    marked, plain = await office.somebody(), await office.somebody()
    members = [{"health_code_id": plain}, {"health_code_id": marked, **sign}]
    await refused(office, tube(office, plain, marked, members=members), "single_only")
    assert (await office.status(plain))["display"] == "none"
    alone = tube(office, marked, members=members[1:])
    assert (await office.sampling.post("/v1/tubes", json=alone)).status_code == 201


async def test_yellow_is_not_added_to_a_mixed_tube_either(office: Office) -> None:
    tube_code = await bound(office, await office.somebody(), await office.somebody())
    body = {"members": [{"health_code_id": await office.somebody(), "code_color": "yellow"}]}
    answer = problem(await office.sampling.post(f"/v1/tubes/{tube_code}/members", json=body), 422)
    assert "single_only" in {answer["code"], *(one["code"] for one in answer["errors"])}


@pytest.mark.requirement(72)
async def test_red_in_a_mixed_tube_goes_to_the_isolation_point(office: Office) -> None:
    codes = [await office.somebody(), await office.somebody()]
    members = [{"health_code_id": codes[0]}, {"health_code_id": codes[1], "code_color": "red"}]
    await refused(
        office, tube(office, *codes, members=members, site_code="CHECKPOINT-1"), "to_isolation_point"
    )


@pytest.mark.requirement(75)
async def test_a_pool_of_pools_is_refused(office: Office) -> None:
    inner = await bound(office, await office.somebody())
    person = {"health_code_id": await office.somebody()}
    for member in ({"tube_code": inner}, {"health_code_id": inner}):
        body = tube(office, mode="mixed", capacity=10, members=[person, member])
        await refused(office, body, "pool_of_pools")
    assert (await office.status(person["health_code_id"]))["display"] == "none"


@pytest.mark.requirement(75)
async def test_an_eleventh_member_of_ten_is_refused(office: Office) -> None:
    codes = [await office.somebody() for _ in range(11)]
    await refused(office, tube(office, *codes), "pool_full")
    await refused(office, tube(office, *codes[:2], mode="single", capacity=1), None)
    ten = await bound(office, *codes[:10])
    answer = await office.sampling.post(
        f"/v1/tubes/{ten}/members", json={"members": [{"health_code_id": codes[10]}]}
    )
    body = problem(answer, 422)
    assert "pool_full" in {body["code"], *(one["code"] for one in body["errors"])}


async def test_members_are_added_until_there_is_a_result(office: Office) -> None:
    codes = [await office.somebody() for _ in range(4)]
    tube_code = await bound(office, *codes[:2])
    path = f"/v1/tubes/{tube_code}/members"
    more = {"members": [{"health_code_id": codes[2]}]}
    answer = await office.sampling.post(path, json=more)
    assert answer.status_code == 200, answer.text
    assert (await office.sampling.post(path, json=more)).status_code == 200
    await office.system.settle()
    assert (await office.status(codes[2]))["display"] == "pending"
    await matched(office, result(office, tube_code=tube_code))
    assert {(await office.status(code))["display"] for code in codes[:3]} == {"negative"}
    late = await office.sampling.post(path, json={"members": [{"health_code_id": codes[3]}]})
    problem(late, 409)
    known = await office.sampling.post(path, json=more)
    assert known.status_code == 200, known.text


async def test_members_of_a_tube_that_nobody_knows_are_404(office: Office) -> None:
    body = {"members": [{"health_code_id": await office.somebody()}]}
    problem(await office.sampling.post(f"/v1/tubes/{fresh('NONE')}/members", json=body), 404)
    problem(await office.intake.get(f"/v1/tubes/{fresh('NONE')}"), 404)


async def test_members_are_named_by_their_document_too(office: Office) -> None:
    row = office.row()
    await office.register(row)
    member = {key: row[key] for key in ("id_type", "id_no", "name")}
    more = {"code_color": "green", "travel_star": False, "origin": "上海市", "destination": "本区"}
    tube_code = await bound(office, members=[member | more])
    await matched(office, result(office, tube_code=tube_code))
    assert (await office.status(row["health_code_id"]))["display"] == "negative"


async def test_a_members_number_is_checked_and_not_echoed(office: Office) -> None:
    wrong = resident_id(777)[:-1] + ("0" if resident_id(777)[-1] != "0" else "1")
    member = {"id_type": "resident_id", "id_no": wrong, "name": "某某"}
    body = tube(office, members=[member])
    await refused(office, body, None)
    answer = await office.sampling.post("/v1/tubes", json=body)
    assert wrong not in answer.text
    await refused(
        office, tube(office, members=[{"health_code_id": resident_id(5)}]), "health_code_id_is_personal"
    )


async def test_binding_needs_the_scope_of_a_sampling_site(office: Office) -> None:
    body = tube(office, await office.somebody())
    problem(await office.labs["LAB01"].post("/v1/tubes", json=body), 403)
    problem(await office.cdc.post("/v1/tubes/bulk", json={"tubes": [body]}), 403)
    assert (await office.intake.post("/v1/tubes", json=body)).status_code == 201


@pytest.mark.requirement(62)
async def test_a_tube_tells_its_four_stamps_and_where_it_stands(office: Office) -> None:
    body = tube(office, await office.somebody(), lab_code="LAB01", dispatched_at=ago(office, 2.5))
    await ok(office.sampling.post("/v1/tubes", json=body))
    path = f"/v1/tubes/{body['tube_code']}"
    before = await ok(office.intake.get(path))
    assert before["tube_code"] == body["tube_code"]
    assert moment(before["stamps"]["collected_at"]) == moment(body["collected_at"])
    times = {"received_at": ago(office, 2), "tested_at": ago(office, 1), "released_at": ago(office, 0.5)}
    await matched(office, {"outcome": "negative", "tube_code": body["tube_code"], **times})
    after = await ok(office.intake.get(path))
    wanted = [body["collected_at"], times["received_at"], times["tested_at"]]
    stamps = after["stamps"]
    told = [stamps[key] for key in ("collected_at", "delivered_at", "tested_at", "reported_at")]
    assert [moment(value) for value in told[:3]] == [moment(value) for value in wanted]
    assert told[3] is not None
    assert (before["stands"], after["stands"]) == ("delivered", "reported")


@pytest.mark.parametrize(
    "change",
    [
        {"tube_code": "１２３"},
        {"tube_code": "a\u0000b"},
        {"tube_code": 5},
        {"mode": "pool"},
        {"capacity": 7},
        {"capacity": 1.5},
        {"capacity": 10**30},
        {"capacity": True},
        {"subject": "animal"},
        {"collected_at": "20261121"},
        {"collected_at": "1700000000"},
        {"collected_at": "2019-12-31T10:00:00Z"},
        {"collected_at": None},
        {"members": "all"},
        {"members": [{"health_code_id": "no such code!"}]},
        {"members": [{}]},
        {"members": [{"name": "无号"}]},
        {"members": [{"health_code_id": "HC-1", "code_color": "blue"}]},
        {"members": [{"health_code_id": "HC-1", "unknown": 1}]},
        {"sample_kind": "hair"},
        {"unknown": 1},
    ],
    ids=repr,
)
async def test_a_malformed_tube_is_422_and_a_rejected_row(office: Office, change: Answer) -> None:
    await refused(office, tube(office, "HC-SOMEBODY") | change, None)


async def test_labs_are_listed(office: Office) -> None:
    labs = (await ok(office.intake.get("/v1/labs")))["labs"]
    assert {"LAB01", "LAB02"} <= {lab["lab_code"] for lab in labs}
