"""What can be refused here. The token endpoint's codes are those of RFC 6749 §5.2."""

from typing import Final

from shared.errors import define

INVALID_REQUEST: Final = define("invalid_request", 400, "令牌请求格式错误", "The token request is malformed")
INVALID_CLIENT: Final = define(
    "invalid_client",
    401,
    "客户端编号、密钥或签名断言错误,或客户端已停用",
    "Unknown or disabled client, or wrong secret or assertion",
)
UNSUPPORTED_GRANT_TYPE: Final = define(
    "unsupported_grant_type", 400, "只支持 client_credentials", "Only client_credentials is supported"
)
INVALID_SCOPE: Final = define(
    "invalid_scope", 400, "请求了客户端没有的权限范围", "A scope was asked for that the client does not hold"
)
SCOPE_UNKNOWN: Final = define("scope_unknown", 422, "没有该权限范围", "There is no such scope")
LAB_CODE_REQUIRED: Final = define(
    "lab_code_required",
    422,
    "results:write、onboarding 需要检测机构编码",
    "results:write and onboarding need a lab_code",
)
ONBOARDING_ALONE: Final = define(
    "onboarding_alone",
    422,
    "接入中的客户端不得有其他权限范围",
    "A client that is being taken on holds no other scope",
)
RELEASE_NEEDED: Final = define(
    "release_needed",
    422,
    "接入中的客户端须凭符合性检查报告放行,不得直接改权限",
    "A client that is being taken on gets its scopes by a release on its conformance report",
)
AREA_CODE_REQUIRED: Final = define(
    "area_code_required",
    422,
    "cases:respond 与 venue:report 需要部门或镇街编码",
    "cases:respond and venue:report need an area_code",
)
AREA_UNKNOWN: Final = define(
    "area_unknown", 422, "没有该部门或镇街", "There is no such department or township"
)
AREA_OUTSIDE: Final = define("area_outside", 422, "超出您的管辖范围", "It lies outside your own area")
CLIENT_EXISTS: Final = define("client_exists", 409, "客户端编号已存在", "This client_id exists already")
KEY_IS_PRIVATE: Final = define(
    "key_is_private",
    422,
    "这是私钥,不得上传;请作废并重新生成",
    "This is a private key: it must not be sent; throw it away and make another",
)
KEY_INVALID: Final = define("key_invalid", 422, "不是有效的公钥", "Not a valid public key")
KEY_EXISTS: Final = define(
    "key_exists",
    409,
    "该密钥编号或该公钥已登记过(含已作废的)",
    "This key id or this key has been registered before (retired ones count)",
)
KEY_REQUIRED: Final = define(
    "key_required", 422, "须先登记有效的公钥", "A live public key must be registered first"
)
TOO_MANY_KEYS: Final = define(
    "too_many_keys",
    409,
    "有效公钥至多 {limit} 个,请先作废旧的",
    "At most {limit} live keys; retire one first",
)
ROTATION_PENDING: Final = define(
    "rotation_pending",
    409,
    "上一次轮换的新密钥尚未启用",
    "The key of the last rotation does not sign yet",
)
