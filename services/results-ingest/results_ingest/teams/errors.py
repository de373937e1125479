"""What can be wrong with a posting of a team."""

from typing import Final

from results_ingest.teams import rules
from shared.errors import define

TEAM_UNKNOWN: Final = define(
    rules.TEAM_UNKNOWN,
    422,
    "采样队伍尚未登记、已停用,或不在本辖区",
    "The team is not registered, not active, or lies outside the client's area",
)
SITE_UNKNOWN: Final = define(
    rules.SITE_UNKNOWN,
    422,
    "采样点尚未登记,或不在本辖区",
    "The site is not registered, or lies outside the client's area",
)
REVERSED: Final = define(
    rules.REVERSED, 422, "结束时间不晚于开始时间", "The posting ends before it begins, or at once"
)
TOO_LONG: Final = define(rules.TOO_LONG, 422, "一次值守时间过长", "The posting is too long")
SITE_TAKEN: Final = define(
    rules.SITE_TAKEN,
    422,
    "该采样点此时段已有采样队伍",
    "A team stands at this site in that time",
)
TEAM_ELSEWHERE: Final = define(
    rules.TEAM_ELSEWHERE,
    422,
    "该队伍此时段已在其他采样点",
    "The team stands at another site in that time",
)
OWN: Final = {
    each.code: each for each in (TEAM_UNKNOWN, SITE_UNKNOWN, REVERSED, TOO_LONG, SITE_TAKEN, TEAM_ELSEWHERE)
}
