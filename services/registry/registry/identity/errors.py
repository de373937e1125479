"""What can be refused here. The token endpoint's codes are those of RFC 6749 §5.2."""

from typing import Final

from shared.errors import define

INVALID_REQUEST: Final = define("invalid_request", 400, "令牌请求格式错误", "The token request is malformed")
INVALID_CLIENT: Final = define(
    "invalid_client",
    401,
    "客户端编号或密钥错误,或客户端已停用",
    "Unknown or disabled client, or wrong secret",
)
UNSUPPORTED_GRANT_TYPE: Final = define(
    "unsupported_grant_type", 400, "只支持 client_credentials", "Only client_credentials is supported"
)
INVALID_SCOPE: Final = define(
    "invalid_scope", 400, "请求了客户端没有的权限范围", "A scope was asked for that the client does not hold"
)
SCOPE_UNKNOWN: Final = define("scope_unknown", 422, "没有该权限范围", "There is no such scope")
LAB_CODE_REQUIRED: Final = define(
    "lab_code_required", 422, "results:write 需要检测机构编码", "results:write needs a lab_code"
)
AREA_CODE_REQUIRED: Final = define(
    "area_code_required", 422, "cases:respond 需要部门或镇街编码", "cases:respond needs an area_code"
)
AREA_UNKNOWN: Final = define(
    "area_unknown", 422, "没有该部门或镇街", "There is no such department or township"
)
AREA_OUTSIDE: Final = define("area_outside", 422, "超出您的管辖范围", "It lies outside your own area")
CLIENT_EXISTS: Final = define("client_exists", 409, "客户端编号已存在", "This client_id exists already")
