"""Envelopes and blind indexes."""

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from shared.security.data_keys import KeysUnusable, read_keys
from shared.security.sealing import SM4GCM, BlindIndex, Sealer

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


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x09\x02k1"])
def test_what_is_no_envelope_is_refused_as_such(broken: bytes) -> None:
    with pytest.raises(ValueError, match="unknown envelope"):
        Sealer({"k1": OLD}).open(broken, context="c")


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


@given(st.binary(), st.text(max_size=20))
def test_what_was_sealed_with_sm4_opens_in_its_context_alone(plain: bytes, context: str) -> None:
    sealer = Sealer({"k1": OLD}, algorithm="sm4-gcm")
    sealed = sealer.seal(plain, context=context)

    assert sealer.open(sealed, context=context) == plain
    with pytest.raises(InvalidTag):
        sealer.open(sealed, context=f"{context}.")


@pytest.mark.parametrize("place", [-1, -17, 5])
def test_a_changed_sm4_envelope_does_not_open(place: int) -> None:
    sealer = Sealer({"k1": OLD}, algorithm="sm4-gcm")
    sealed = bytearray(sealer.seal(b"a number", context="c"))
    sealed[place] ^= 1

    with pytest.raises(InvalidTag):
        sealer.open(bytes(sealed), context="c")


def test_both_algorithms_open_side_by_side_and_the_setting_seals() -> None:
    aes, sm4 = Sealer({"k1": OLD}), Sealer({"k1": OLD}, algorithm="sm4-gcm")

    for one, other in ((aes, sm4), (sm4, aes)):
        sealed = one.seal(b"x", context="c")
        assert other.open(sealed, context="c") == b"x"
        renewed = other.renewed(sealed, context="c")
        assert renewed[0] == other.head[0] != sealed[0]
        assert other.renewed(renewed, context="c") == renewed


def test_sm4_gcm_gives_the_standards_example() -> None:
    # RFC 8998, appendix A.1.
    cipher = SM4GCM(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    nonce = bytes.fromhex("00001234567800000000ABCD")
    extra = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = b"".join(bytes([byte]) * 8 for byte in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa")
    expected = (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15"
        "A56834CBCF98C397B4024A2691233B8D83DE3541E4C2B58177E065A9BF7B62EC"
    )

    assert cipher.encrypt(nonce, plain, extra).hex().upper() == expected
    assert cipher.decrypt(nonce, bytes.fromhex(expected), extra) == plain


def test_the_index_is_the_standards_hmac() -> None:
    # GM/T 0042-2015 for SM3, RFC 4231 (case 2) for SHA-256; an index is their first 16 bytes.
    assert hmac.digest(
        bytes(range(1, 33)), (b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2), "sm3"
    ).hex() == ("ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a")
    assert hashlib.new("sm3", b"abc").hexdigest() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    key = base64.b64decode(OLD)
    assert (
        BlindIndex(OLD, algorithm="hmac-sm3").of("name", "张三")
        == hmac.digest(key, "name\0张三".encode(), "sm3")[:16]
    )
    assert BlindIndex(OLD).of("name", "张三") == hmac.digest(key, "name\0张三".encode(), "sha256")[:16]


def test_an_unknown_key_is_looked_for_once_more() -> None:
    sealed = Sealer({"k2": NEW}).seal(b"x", context="c")
    late = Sealer({"k1": OLD}, reload=lambda: {"k2": NEW, "k1": OLD})

    assert late.open(sealed, context="c") == b"x"
    assert late.target == "k2 aes-256-gcm"


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"k1": OLD}))
    path.chmod(0o604)
    with pytest.raises(KeysUnusable, match="every user"):
        read_keys(path)
    path.chmod(0o640)
    assert read_keys(path) == {"k1": OLD}


@pytest.mark.parametrize("content", ["", "[]", '{"k1": 1}', "{"])
def test_a_broken_key_file_changes_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeysUnusable):
        read_keys(path)
