"""What can be wrong with asking for a document."""

from shared.errors import define

NAMED_PERSON_NEEDED = define(
    "named_person_needed", 403, "仅限实名个人账号", "Only a client that is a named person may do this"
)
NO_PDF = define(
    "pdf_not_installed",
    422,
    "本系统未安装 PDF 组件,请改用 format=docx",
    "This installation cannot make PDF files: ask for format=docx",
)
