"""Wire models of documents."""

from typing import Literal

from shared.web.types import LongText, WireModel

Format = Literal["docx", "pdf"]
State = Literal["first", "same", "changed"]


class DocumentIn(WireModel):
    """A paper with the names in clear, and why."""

    format: Format
    reason: LongText
