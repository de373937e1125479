"""Who is asking: the client behind a token, its scopes, its lab and its area (contract §2).

Knows nothing of tokens, HTTP or the database.
"""

from dataclasses import dataclass
from typing import Final, Literal

ADMIN: Final = "admin"
ONBOARDING: Final = "onboarding"

SCOPES: Final[dict[str, str]] = {
    "results:write": "检测机构上传本机构的检测结果 · a laboratory: its own batches",
    "samples:write": "采样点登记采样管 · sampling sites: tubes and their members",
    "status:read": "健康码平台读取状态 · the health-code platform: statuses and their changes",
    "records:read": "查阅人员、台账和名单 · people, ledgers and lists",
    "reviews:write": "疾控中心复核阳性 · the CDC: reviews of positives",
    "cases:respond": "部门、镇街处理本辖区的通报 · a department or township: its own notices and cases",
    "venue:report": "场所直报本单位所采样本 · a venue: reports of its own samples",
    ONBOARDING: "接入中的检测机构:公钥、检查报告 · a laboratory being taken on: its keys and report",
    "audit:read": "查阅审计记录 · the audit log",
    ADMIN: "管理(包含以上全部) · administration, includes all of the above",
}

Scope = Literal[
    "results:write",
    "samples:write",
    "status:read",
    "records:read",
    "reviews:write",
    "cases:respond",
    "venue:report",
    "onboarding",
    "audit:read",
    "admin",
]
_BEYOND_A_LAB: Final = ("samples:write", "status:read", "records:read", "reviews:write", "audit:read")
Kind = Literal["system", "person"]


@dataclass(frozen=True, slots=True)
class Principal:
    """The client that a verified token names. Without an area it sees everything its scopes allow."""

    client_id: str
    name: str
    kind: str
    scopes: frozenset[str]
    lab_code: str | None = None
    area_code: str | None = None
    area_level: str | None = None

    def holds(self, *scopes: str) -> bool:
        """Say whether it holds any of the scopes; `admin` includes them all."""
        return ADMIN in self.scopes or not self.scopes.isdisjoint(scopes)

    @property
    def limited(self) -> bool:
        """Whether it sees a township or a department only, never the whole district."""
        return self.township is not None or self.department is not None

    @property
    def limits(self) -> dict[str, str] | None:
        """What its transactions are held to by the database, or None for no limit (decision 0016).

        A laboratory's client is held to its laboratory unless another scope of it goes beyond.
        """
        only_lab = self.lab_code is not None and not self.holds(*_BEYOND_A_LAB)
        if not self.limited and not only_lab:
            return None
        return {
            "lab": (self.lab_code if self.holds("results:write", ONBOARDING) else None) or "",
            "township": self.township or "",
            "department": self.department or "",
        }

    @property
    def township(self) -> str | None:
        """The only township it may see, or None: `CAST(:township AS text) IS NULL OR …`."""
        return self.area_code if self.area_level == "township" else None

    @property
    def department(self) -> str | None:
        """The only sector department it may see, or None."""
        return self.area_code if self.area_level == "department" else None

    @property
    def area(self) -> dict[str, str | None]:
        """Both, by the names that statements take them by."""
        return {"township": self.township, "department": self.department}

    def sees(self, *, township_code: str | None = None, department_code: str | None = None) -> bool:
        """Say whether an object of this township and department lies inside its area."""
        if self.area_level == "township":
            return township_code == self.area_code
        if self.area_level == "department":
            return department_code == self.area_code
        return True
