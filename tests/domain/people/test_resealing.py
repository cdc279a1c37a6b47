"""The key that seals the database's secrets is changed: nothing is lost, and the former key opens nothing any more."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from abonde.core import sealing
from abonde.core.sealing import seal, unseal
from abonde.identities.attempts import come_back, leave
from abonde.identities.models import Authentication, Kind
from abonde.identities.openid.assertion import public_keys
from abonde.identities.providers import add_provider
from abonde.organisations.signing import sign
from abonde.people.models import Person
from abonde.people.resealing import reseal_all
from abonde.register.identity import read_pivot
from abonde.register.importing import bring_file
from abonde.register.importing_file import opened, sealed_pieces
from abonde.register.models import Register, Strategy
from abonde.register.search import find_entries
from tests.domain.register.test_importing import TITLES, brought, confirmed
from tests.drills.killed import attempts
from tests.factories import a_register, the_manager, unique

OLD, NEW = "abonde " * 8, "a key that came later, " * 3
TOKEN = re.compile(r"gAAAAA[\w-]{60,}=*")
HEX_TOKEN = re.compile(r"674141414141(?:[0-9a-f]{2})+")


@pytest.fixture
def keys(settings: Settings, database: None) -> Iterator[Settings]:
    """Settings whose keys change; afterwards everything is sealed under the key of the other tests again."""
    yield settings
    settings.SEALING_KEYS = [OLD, NEW]
    list(reseal_all())


def reseal_secrets() -> str:
    said = StringIO()
    call_command("reseal_secrets", stdout=said)
    return said.getvalue()


def totp_secret(person: Person) -> str:
    device = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    return str(decrypt(device.data["secret"]))


def sealed_anywhere() -> Iterator[bytes]:
    """Whatever in any column of any table looks sealed."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f"SELECT t::text FROM {connection.ops.quote_name(table)} t "
                "WHERE t::text LIKE '%%gAAAAA%%' OR t::text LIKE '%%674141414141%%'"
            )
            for (row,) in cursor.fetchall():
                yield from (token.encode() for token in TOKEN.findall(row))
                yield from (bytes.fromhex(token) for token in HEX_TOKEN.findall(row))


def opens(key: Fernet, token: bytes) -> bool:
    try:
        key.decrypt(token)
    except InvalidToken:
        return False
    return True


def test_the_key_is_changed_and_nothing_is_lost(keys: Settings) -> None:
    register = a_register(strategy=Strategy.CERTIFIED)
    confirmed(brought(register, f"{TITLES}Lefèvre;Zoé;12/03/1990;26113;1\n"))
    agent = the_manager(register.owner)
    file = f"{TITLES}Petit;Léa;1/2/1980;;1\n".encode()
    waiting = bring_file(person=agent, register=register, pieces=list(sealed_pieces(io.BytesIO(file))))
    provider = add_provider(
        person=None,
        organisation=register.owner,
        kind=Kind.OPENID,
        slug=unique("fournisseur"),
        label="Fournisseur",
        issuer="https://login.example.org",
        client_id="abonde",
        authentication=Authentication.KEY,
    )
    codes, secret = RecoveryCodes.activate(agent).generate_codes(), totp_secret(agent)
    known, signed = public_keys(provider), sign(register.owner, b"text")
    state, underway = leave(provider=provider, browser="b", next="/", linking=None)

    keys.SEALING_KEYS = [NEW, OLD]
    first, second = reseal_secrets(), reseal_secrets()
    assert "Run this once more" in first
    assert "the former keys can go" in second
    assert "register_register.sealed_key: 0 sealed anew" in second
    old = sealing._key(OLD)
    assert sum(1 for _ in sealed_anywhere()) > 6
    assert not [token for token in sealed_anywhere() if opens(old, token)]

    keys.SEALING_KEYS = [NEW]
    assert (
        len(find_entries(Register.objects.get(pk=register.pk), read_pivot("LEFEVRE", "ZOE", "1990-03-12")))
        == 1
    )
    assert opened(waiting).read() == file
    provider.refresh_from_db()
    assert public_keys(provider) == known
    assert come_back(provider=provider, browser="b", state=state)[0] == underway
    assert sign(register.owner, b"text") == signed
    assert totp_secret(agent) == secret
    device = Authenticator.objects.get(user=agent, type=Authenticator.Type.RECOVERY_CODES)
    assert RecoveryCodes(device).generate_codes() == codes


def test_what_no_key_opens_is_named_and_left_alone(keys: Settings) -> None:
    register = a_register()
    keys.SEALING_KEYS = ["a key that was lost, a key that was lost, a key that was lost"]
    lost = seal(b"gone")
    keys.SEALING_KEYS = [NEW, OLD]
    kept, named = bytes(register.sealed_key), StringIO()
    Register.objects.filter(pk=register.pk).update(sealed_key=lost)
    try:
        with pytest.raises(CommandError, match="1 rows stay as they are"):
            call_command("reseal_secrets", stdout=StringIO(), stderr=named)
        register.refresh_from_db()
        assert bytes(register.sealed_key) == lost
        assert f"register_register.sealed_key: none of the keys opens row {register.pk}" in named.getvalue()
    finally:
        Register.objects.filter(pk=register.pk).update(sealed_key=kept)


def test_killed_anywhere_it_goes_on(keys: Settings) -> None:
    register = a_register()
    secret = unseal(bytes(register.sealed_key))
    left = [attempt["left"] for attempt in attempts("tests.drills.resealing", "reseal", NEW)]
    assert len(left) > 10
    assert left == sorted(left, reverse=True)
    assert (left[0] > 1, left[-1]) == (True, 0)
    keys.SEALING_KEYS = [NEW]
    register.refresh_from_db()
    assert unseal(bytes(register.sealed_key)) == secret
