"""The codes of posted lists."""

from shared.errors import define

CODE_NOT_KNOWN = define("health_code_not_known", 422, "没有该健康码对应的人员", "Nobody has this health code")
