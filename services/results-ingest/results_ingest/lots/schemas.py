"""What lots look like on the wire."""

from typing import Annotated, Final, Literal

from pydantic import Field

from results_ingest.lots.rules import Goods, Kind
from shared.web.types import Code, Time, WireModel

MOST_TUBES: Final = 500


class LotIn(WireModel):
    """Goods that came together to a unit: a container, a delivery."""

    lot_code: Code
    unit_code: Code
    goods: Goods
    arrived_at: Time


class LotTubesIn(WireModel):
    """Tubes that were taken of a lot."""

    tube_codes: Annotated[list[Code], Field(min_length=1, max_length=MOST_TUBES)]


class LotStepIn(WireModel):
    """Something that was done with a lot; `released` by the CDC, once nothing is lacking."""

    kind: Kind
    at: Time


StateFilter = Literal["arrived", "sampled", "not_negative", "negative", "released"]
LOT: Final = {
    "lot_code": "LOT-2026-0001",
    "unit_code": "91512081MA62K0260E",
    "goods": "container",
    "arrived_at": "2026-11-21T08:00:00+08:00",
}
TUBES: Final = {"tube_codes": ["E-000123"]}
STEP: Final = {"kind": "disinfected", "at": "2026-11-21T10:00:00+08:00"}
KEPT: Final = {
    **LOT,
    "reported_at": "2026-11-20T16:00:00+08:00",
    "disinfected_at": None,
    "released_at": None,
    "samples": 0,
}
SHOWN: Final = {
    **LOT,
    "state": "sampled",
    "reported_at": "2026-11-20T16:00:00+08:00",
    "disinfected_at": "2026-11-21T10:00:00+08:00",
    "released_at": None,
    "samples": 3,
    "resulted": 1,
    "not_negative": 0,
    "lacking": ["lot_result_missing"],
}
DETAIL: Final = {
    **SHOWN,
    "tubes": [{"tube_code": "E-000123", "sample_kind": "container", "resulted": True, "negative": True}],
    "steps": [
        {
            "kind": "reported",
            "at": "2026-11-20T16:00:00+08:00",
            "recorded_at": "2026-11-20T16:02:00+08:00",
            "client_id": "customs-1",
        }
    ],
}
