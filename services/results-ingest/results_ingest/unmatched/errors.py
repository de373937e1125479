"""The codes that only the desk has."""

from shared.errors import define

ALREADY_DECIDED = define(
    "already_decided", 409, "该条目已处理", "This entry has been decided on or has matched by itself"
)
PERSON_NEEDED = define(
    "health_code_required",
    422,
    "接受该条目须给出 health_code_id",
    "To accept this entry a health_code_id is needed",
)
PERSON_NOT_KNOWN = define(
    "person_not_known", 422, "没有该健康码对应的人员", "Nobody is known by this health-code id"
)
STILL_WAITING = define(
    "still_waiting",
    409,
    "尚无法接受:采样管未绑定或人员未登记",
    "It cannot be accepted yet: the tube is not bound or the person is not known",
)
