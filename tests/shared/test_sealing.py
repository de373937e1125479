"""Envelopes and blind indexes."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from shared.security.sealing import BlindIndex, Sealer

OLD = base64.b64encode(b"o" * 32).decode()
NEW = base64.b64encode(b"n" * 32).decode()


@given(st.binary(), st.text(max_size=20))
def test_what_was_sealed_opens_in_its_context(plain: bytes, context: str) -> None:
    sealer = Sealer({"k1": OLD})

    assert sealer.open(sealer.seal(plain, context=context), context=context) == plain


def test_an_envelope_does_not_open_elsewhere() -> None:
    sealer = Sealer({"k1": OLD})
    sealed = sealer.seal("张三".encode(), context="person.name")

    with pytest.raises(InvalidTag):
        sealer.open(sealed, context="person.phone")


def test_the_same_text_never_looks_the_same_twice() -> None:
    sealer = Sealer({"k1": OLD})

    assert sealer.seal(b"x", context="c") != sealer.seal(b"x", context="c")


def test_an_old_key_still_opens_after_a_new_one_seals() -> None:
    sealed = Sealer({"k1": OLD}).seal(b"x", context="c")
    both = Sealer({"k2": NEW, "k1": OLD})

    assert both.open(sealed, context="c") == b"x"
    assert both.seal(b"x", context="c")[2:4] == b"k2"


def test_an_index_depends_on_key_and_purpose() -> None:
    number = "11010519491231002X"

    assert BlindIndex(OLD).of("id:resident_id", number) == BlindIndex(OLD).of("id:resident_id", number)
    assert BlindIndex(OLD).of("id:resident_id", number) != BlindIndex(NEW).of("id:resident_id", number)
    assert BlindIndex(OLD).of("id:passport", number) != BlindIndex(OLD).of("id:resident_id", number)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer({"k1": base64.b64encode(b"short").decode()})
