"""The log-in page offers the providers, and where one wanted to go is not lost on the way."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from abonde.people.actions import delete_account
from tests.factories import with_second_factor
from tests.peers.hostile import DISCOVERY, PERSON, SUBJECT, Answer, Claims, Provider
from tests.peers.visitor import Site

pytestmark = pytest.mark.usefixtures("database")


def test_button_leads_to_the_provider_with_next(site: Site) -> None:
    client = site.visitor().client
    page = client.get(reverse("account_login"), {"next": reverse("my-data")}).content.decode()
    assert f'href="{reverse("identity-begin", args=[site.row.slug])}?next=%2Fmes-donnees%2F"' in page
    assert "https://franceconnect.gouv.fr/" in page


def test_next_survives_a_provider_that_is_down(hostile: Provider, site: Site) -> None:
    hostile.answers[DISCOVERY] = Answer(status=500)
    visitor = site.visitor()
    visitor.begin(next=reverse("my-data"))
    assert visitor.led_to == f"{reverse('account_login')}?next=%2Fmes-donnees%2F"


def test_disabled_provider_is_not_there(hostile: Provider, site: Site) -> None:
    visitor = site.visitor()
    params = hostile.consent(visitor.begin())
    site.row.enabled = False
    site.row.save()
    assert site.row.slug not in visitor.client.get(reverse("account_login")).content.decode()
    assert visitor.come_back(params).status == 404
    assert not visitor.logged_in


def test_second_factor_is_asked_for_after_the_provider(hostile: Provider, site: Site) -> None:
    """A provider does not open what its person has locked with a factor of their own."""
    person = site.visitor().log_in().person
    assert person is not None
    with_second_factor(person)
    visitor = site.visitor().log_in()
    assert visitor.led_to == reverse("mfa_authenticate")
    assert not visitor.logged_in


def test_deleting_the_account_cuts_the_identity(hostile: Provider, site: Site) -> None:
    person = site.visitor().log_in().person
    assert person is not None
    delete_account(person=person)
    again = site.visitor().log_in().person
    assert again is not None
    assert again != person


def test_nothing_that_reads_is_kept_or_logged(
    hostile: Provider, site: Site, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Names, birth date, sub and address of a striking person: not a byte in tables, logs, pages or cookies."""
    striking: Claims = {
        **PERSON,
        "family_name": "Xylokarabos",
        "email": "xylokarabos@example.org",
        "sub": SUBJECT,
    }
    hostile.userinfo.claims = striking
    visitor = site.visitor().log_in()
    assert visitor.person is not None
    pages = [
        visitor.client.get(reverse(name)).content.decode()
        for name in ("my-account", "my-data", "my-data-export")
    ]
    said = "\n".join(
        [caplog.text, *capfd.readouterr(), whole_database(), str(visitor.client.cookies), *pages]
    )
    for secret in ("Xylokarabos", "xylokarabos", "1962-08-24", "Angela Claire", SUBJECT):
        assert secret not in said
        assert secret.encode().hex() not in said


def whole_database() -> str:
    """Every row of every table, as text; binary columns as hexadecimal digits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        texts = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            texts += [text for (text,) in cursor.fetchall()]
    return "\n".join(texts)
