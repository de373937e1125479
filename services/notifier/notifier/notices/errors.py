"""What can be wrong with a step on a notice."""

from shared.errors import define

NOTICE_REVOKED = define("notice_revoked", 409, "通知已撤销", "The notice has been revoked")
