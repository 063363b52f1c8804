import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from sellers.connection.crypto import CannotOpen, Key, KeyRing, read_key

OLD, NEW = Key(b"o" * 32), Key(b"n" * 32)
ring = KeyRing((NEW, OLD))


@given(st.text(), st.text())
def test_what_is_sealed_opens_where_it_belongs(text, place):
    assert ring.open(ring.seal(text, bound_to=place), bound_to=place) == text


@pytest.mark.parametrize("place", ["grant:1/1/1:access_ct", "grant:2/1/0:access_ct", "flow:1/1/0:access_ct", ""])
def test_a_blob_of_another_row_or_field_does_not_open(place):
    blob = ring.seal("TG-secret", bound_to="grant:1/1/0:access_ct")

    with pytest.raises(CannotOpen):
        ring.open(blob, bound_to=place)


@given(st.data())
def test_one_flipped_bit_is_noticed(data):
    blob = bytearray(ring.seal("TG-secret", bound_to="x"))
    at = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[at // 8] ^= 1 << at % 8

    with pytest.raises(CannotOpen):
        ring.open(bytes(blob), bound_to="x")


@given(st.binary(max_size=60))
def test_bytes_that_are_no_blob_do_not_open(blob):
    with pytest.raises(CannotOpen):
        ring.open(blob, bound_to="x")


def test_the_first_key_seals_and_every_key_opens():
    sealed_before = KeyRing((OLD,)).seal("TG-secret", bound_to="x")

    assert ring.open(sealed_before, bound_to="x") == "TG-secret"
    assert not ring.is_current(sealed_before)
    assert ring.is_current(ring.seal("TG-secret", bound_to="x"))


def test_a_key_that_was_thrown_away_opens_nothing():
    sealed = ring.seal("TG-secret", bound_to="x")

    with pytest.raises(CannotOpen, match="none of FIELD_ENCRYPTION_KEYS"):
        KeyRing((OLD,)).open(sealed, bound_to="x")


def test_a_swapped_key_id_does_not_open():
    sealed = ring.seal("TG-secret", bound_to="x")

    with pytest.raises(CannotOpen, match="changed"):
        ring.open(sealed[:1] + OLD.id + sealed[5:], bound_to="x")


def test_the_same_text_is_never_sealed_alike():
    assert ring.seal("TG-secret", bound_to="x") != ring.seal("TG-secret", bound_to="x")


def test_fingerprints_tell_equal_secrets_only_to_who_has_the_key():
    assert ring.fingerprint("TG-1") == ring.fingerprint("TG-1")
    assert ring.fingerprint("TG-1") != ring.fingerprint("TG-2")
    assert ring.fingerprint("TG-1") != KeyRing((OLD,)).fingerprint("TG-1")


@pytest.mark.parametrize("written", ["6f" * 32, "b29vb29vb29vb29vb29vb29vb29vb29vb29vb29vb28=", "_" * 43])
def test_keys_are_read_as_hex_or_base64(written):
    assert len(read_key(written)) == 32


@pytest.mark.parametrize("written", ["", "short", "6f" * 31, "6f" * 33, "clave-secretísima", "=" * 44])
def test_a_bad_key_is_refused_in_plain_words_and_not_shown(written):
    with pytest.raises(ImproperlyConfigured, match="32 bytes") as refusal:
        read_key(written)

    assert not written or written not in str(refusal.value)


def test_a_ring_never_shows_its_keys():
    material = secrets.token_bytes(32)

    assert repr(material)[2:-1] not in repr(KeyRing((Key(material),)))
