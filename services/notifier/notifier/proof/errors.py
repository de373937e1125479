"""Why a package is not made."""

from typing import Final

from shared.errors import define

TOO_MANY: Final = define(
    "proof_package_too_large",
    422,
    "该时间段内的通知超过 PROOF_PACKAGE_NOTICES,请分段导出",
    "There are more notices than PROOF_PACKAGE_NOTICES: ask for a shorter period",
)
