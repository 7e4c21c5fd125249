"""Personal data at rest."""

import base64

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from hotline.lib.sealing import (
    INDEX_LENGTH,
    SealedError,
    SealedTextField,
    blind_index,
    check_keys,
    is_current,
    open_sealed,
    seal,
)

PHONE = "13800138000"
OLD, NEW, OTHER = (base64.b64encode(bytes(range(start, start + 32))).decode() for start in (0, 40, 80))


@pytest.fixture(autouse=True)
def one_key(settings):
    settings.FIELD_KEY = OLD


@given(st.text())
def test_what_is_sealed_opens_again(text):
    assert open_sealed(seal(text)) == text


def test_sealed_text_shows_nothing():
    assert PHONE not in seal(PHONE)


def test_the_same_text_is_never_sealed_alike():
    assert seal(PHONE) != seal(PHONE)


def test_a_new_first_key_still_opens_old_text(settings):
    sealed = seal(PHONE)
    settings.FIELD_KEY = f"{NEW},{OLD}"
    assert open_sealed(sealed) == PHONE


def test_the_first_key_seals(settings):
    settings.FIELD_KEY = f"{NEW}, {OLD}"
    sealed = seal(PHONE)
    settings.FIELD_KEY = NEW
    assert open_sealed(sealed) == PHONE


def test_rotation_finds_what_waits_for_it(settings):
    sealed = seal(PHONE)
    settings.FIELD_KEY = f"{NEW},{OLD}"
    assert not is_current(sealed)
    assert is_current(seal(open_sealed(sealed)))


def test_a_missing_key_is_told_without_the_text(settings):
    sealed = seal(PHONE)
    settings.FIELD_KEY = OTHER
    with pytest.raises(SealedError, match="does not hold") as refused:
        open_sealed(sealed)
    assert PHONE not in str(refused.value)


def test_a_changed_character_is_found_wherever_it_stands():
    sealed = seal(PHONE)
    for place, letter in enumerate(sealed):
        with pytest.raises(SealedError):
            open_sealed(sealed[:place] + ("A" if letter != "A" else "B") + sealed[place + 1 :])


@pytest.mark.parametrize("text", ["", PHONE, "v1", "v1.00000000", "v1..x", "v9.00000000.AAAA"])
def test_plain_text_does_not_open(text):
    with pytest.raises(SealedError):
        open_sealed(text)


def test_the_blind_index_finds_equal_texts_only():
    assert blind_index(PHONE) == blind_index(PHONE) != blind_index("13800138001")


def test_the_blind_index_has_a_fixed_length():
    assert len(blind_index("")) == len(blind_index(PHONE)) == INDEX_LENGTH


def test_the_blind_index_survives_a_new_sealing_key(settings):
    before = blind_index(PHONE)
    settings.FIELD_KEY = f"{NEW},{OLD}"
    assert blind_index(PHONE) == before


def test_the_blind_index_means_nothing_without_the_key(settings):
    before = blind_index(PHONE)
    settings.FIELD_KEY = OTHER
    assert blind_index(PHONE) != before


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("", "0 bytes"),
        ("not base64!", "not base64"),
        (base64.b64encode(b"short").decode(), "5 bytes"),
        (base64.b64encode(b"a" * 32).decode(), "repeats one byte"),
        (f"{OLD},{OLD}", "same key twice"),
        (f"{OLD},", "key 2"),
    ],
)
def test_a_bad_key_is_refused_at_start(settings, setting, complaint):
    settings.FIELD_KEY = setting
    with pytest.raises(ImproperlyConfigured, match=complaint):
        check_keys()


def test_a_url_safe_key_is_the_same_key(settings):
    settings.FIELD_KEY = base64.b64encode(b"\xfb\xff" * 15 + b"ab").decode()
    before = blind_index(PHONE)
    settings.FIELD_KEY = settings.FIELD_KEY.replace("+", "-").replace("/", "_")
    assert blind_index(PHONE) == before


@pytest.fixture(scope="module")
def vault():
    class Vault(models.Model):
        phone = SealedTextField(null=True)

        class Meta:
            app_label = "libs_tests"
            managed = False

        def __str__(self):
            return "vault"

    return Vault


def test_the_field_writes_sealed_and_reads_plain(vault):
    field = vault._meta.get_field("phone")
    stored = field.get_db_prep_save(PHONE, connection)
    assert stored.startswith("v1.")
    assert field.from_db_value(stored, None, connection) == PHONE


@pytest.mark.parametrize("nothing", [None, ""])
def test_the_field_leaves_nothing_as_nothing(vault, nothing):
    field = vault._meta.get_field("phone")
    assert field.get_db_prep_save(nothing, connection) == nothing
    assert field.from_db_value(nothing, None, connection) == nothing


@pytest.mark.parametrize("lookup", ["phone", "phone__contains", "phone__startswith", "phone__in"])
def test_the_field_refuses_to_be_searched(vault, lookup):
    with pytest.raises(FieldError):
        vault.objects.filter(**{lookup: [PHONE]})


def test_the_field_can_be_asked_for_null(vault):
    assert "IS NULL" in str(vault.objects.filter(phone__isnull=True).query)
