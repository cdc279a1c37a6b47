from __future__ import annotations

import json
import threading
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction

from abonde.core.transitions import NotNow
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import NotAllowed
from abonde.organisations.signing import make_key, rotate_key, sign
from abonde.people.models import Person
from abonde.rounds.actions import (
    accept_party,
    edit_round_identity,
    invite_party,
    leave_round,
    open_round,
    sign_text,
    write_rules_text,
)
from abonde.rounds.models import Party, Round, Signature, SignedText
from abonde.rounds.queries import signers_of
from abonde.rounds.readiness import NotReady
from abonde.rounds.rules_text import canonical, contents, current_text, is_current
from abonde.rounds.signing import checked_signatures, missing_signatures
from abonde.rounds.states import State
from tests.factories import a_round, a_signed_draft, an_agent, an_opened_round, an_organisation, the_manager


def a_text(**columns: object) -> tuple[Round, SignedText]:
    made = a_round(state=State.DRAFT, **columns)  # type: ignore[arg-type]
    return made, write_rules_text(person=the_manager(made.host), round=made)


def renamed(made: Round, name: str) -> Round:
    return edit_round_identity(
        person=the_manager(made.host),
        round_id=made.pk,
        seen=None,
        name=name,
        summary=made.summary,
        description="",
    )


def party_of(made: Round, kind: Kind) -> Organisation:
    return Party.objects.get(round=made, organisation__kind=kind).organisation


def test_the_hash_is_that_of_the_exact_characters_and_the_text_stands_in_them(database: None) -> None:
    made, text = a_text()
    assert sha256(text.canonical.encode()).hexdigest() == text.sha256
    written = json.loads(text.canonical)
    assert written.pop("text") == text.text
    assert written == contents(made)
    assert canonical({**written, "text": text.text}) == text.canonical
    assert ": " not in text.canonical.replace(text.text, "")[:200]


def test_the_same_contents_are_the_same_characters_whatever_their_order(database: None) -> None:
    assert canonical({"b": [1, {"d": 2, "c": "é"}], "a": None}) == '{"a":null,"b":[1,{"c":"é","d":2}]}'


def test_each_organisation_signs_once_and_its_signature_holds(database: None) -> None:
    made, text = a_text()
    manager = the_manager(made.host)
    first = sign_text(person=manager, organisation=made.host, text=text)
    assert sign_text(person=manager, organisation=made.host, text=text) == first
    assert [one.holds for one in checked_signatures(text)] == [True]
    assert [one.kind for one in missing_signatures(text, [made.host, party_of(made, Kind.FUNDER)])] == [
        "funder"
    ]


def test_a_signature_with_a_former_key_still_holds(database: None) -> None:
    made, text = a_text()
    manager = the_manager(made.host)
    sign_text(person=manager, organisation=made.host, text=text)
    rotate_key(person=manager, organisation=made.host)
    assert [one.holds for one in checked_signatures(text)] == [True]


def forged(text: SignedText, organisation: Organisation, message: bytes, *, key: Organisation) -> Signature:
    public_key, signature = sign(key, message)
    return Signature.objects.create(
        signed_text=text,
        organisation=organisation,
        signer=the_manager(organisation),
        public_key=public_key,
        signature=signature,
    )


def test_a_signature_by_another_organisations_key_or_of_another_text_does_not_hold(database: None) -> None:
    made, text = a_text()
    funder, certifier = party_of(made, Kind.FUNDER), party_of(made, Kind.CERTIFIER)
    forged(text, funder, text.canonical.encode(), key=made.host)
    forged(text, certifier, text.canonical.replace("nature", "béton").encode(), key=certifier)
    assert [one.holds for one in checked_signatures(text)] == [False, False]
    sign_text(person=the_manager(made.host), organisation=made.host, text=text)
    with pytest.raises(NotReady, match="has not signed"):
        open_round(person=the_manager(made.host), round=made)


def test_a_text_whose_characters_do_not_make_its_hash_is_not_signed_by_anyone(database: None) -> None:
    made, text = a_text()
    tampered = SignedText.objects.create(
        round=made,
        subject=text.subject,
        text=text.text,
        canonical=text.canonical.replace("quadratic", "heads"),
        sha256="0" * 64,
    )
    forged(tampered, made.host, tampered.canonical.encode(), key=made.host)
    assert [one.holds for one in checked_signatures(tampered)] == [False]


@pytest.mark.parametrize("table", ["rounds_signedtext", "rounds_signature"])
@pytest.mark.parametrize(
    "attack", ["UPDATE {table} SET id = id", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"]
)
def test_what_was_signed_only_grows(database: None, table: str, attack: str) -> None:
    a_signed_draft()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack.format(table=table))


def unfit(made: Round) -> list[Person]:
    return [
        an_agent(made.host, Role.TREASURER),
        an_agent(made.host, Role.REVIEWER),
        an_agent(made.host, Role.MANAGER, second_factor=False),
        the_manager(party_of(made, Kind.FUNDER)),
        the_manager(an_organisation(Kind.HOST)),
    ]


def test_who_signs_is_a_manager_with_a_second_factor(database: None) -> None:
    made, text = a_text()
    for person in unfit(made):
        with pytest.raises(NotAllowed):
            sign_text(person=person, organisation=made.host, text=text)
    assert not text.signatures.exists()


def test_strangers_and_the_merely_invited_sign_nothing(database: None) -> None:
    made, text = a_text()
    invited, stranger = an_organisation(Kind.FUNDER), an_organisation(Kind.FUNDER)
    invite_party(person=the_manager(made.host), round=made, organisation=invited)
    for organisation in (invited, stranger):
        with pytest.raises(NotAllowed, match="takes no part"):
            sign_text(person=the_manager(organisation), organisation=organisation, text=text)


def test_a_change_makes_another_text_and_changing_back_makes_the_first_one_hold_again(database: None) -> None:
    made = a_signed_draft()
    manager = the_manager(made.host)
    old = current_text(made)
    assert old is not None
    changed = renamed(made, "Autre nom")
    assert not is_current(changed, old)
    with pytest.raises(NotReady, match="Write the text"):
        open_round(person=manager, round=changed)
    new = write_rules_text(person=manager, round=changed)
    assert new != old
    assert old.signatures.count() == 3
    with pytest.raises(NotNow, match="has changed"):
        forget_and_sign(old, an_organisation_of(made))
    sign_text(person=manager, organisation=made.host, text=new)
    back = renamed(made, made.name)
    assert current_text(back) == old
    assert open_round(person=manager, round=back).opened_with == old


def an_organisation_of(made: Round) -> Organisation:
    """A further funder of the trio, who has not signed anything."""
    further = an_organisation(Kind.FUNDER)
    party = invite_party(person=the_manager(made.host), round=made, organisation=further)
    accept_party(person=the_manager(further), party_id=party.pk)
    leave_later.append(party)
    return further


leave_later: list[Party] = []


def forget_and_sign(text: SignedText, organisation: Organisation) -> None:
    try:
        sign_text(person=the_manager(organisation), organisation=organisation, text=text)
    finally:
        for party in leave_later:
            leave_round(person=the_manager(party.round.host), party_id=party.pk)
        leave_later.clear()


def test_who_joins_after_the_text_makes_it_incomplete(database: None) -> None:
    made = a_signed_draft()
    an_organisation_of(made)
    leave_later.clear()
    assert current_text(made) is None
    with pytest.raises(NotReady):
        open_round(person=the_manager(made.host), round=made)


def test_of_two_who_sign_at_once_for_one_organisation_one_signature_is_made(database: None) -> None:
    made, text = a_text()
    people = [the_manager(made.host), an_agent(made.host, Role.MANAGER)]
    made_signatures: list[int] = []
    start = threading.Barrier(2)

    def work(person: Person) -> None:
        start.wait()
        try:
            made_signatures.append(sign_text(person=person, organisation=made.host, text=text).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made_signatures)) == 1
    assert len(made_signatures) == 2
    assert text.signatures.count() == 1


def test_postgresql_refuses_to_open_with_a_text_that_the_trio_has_not_signed(database: None) -> None:
    made, text = a_text()
    sign_text(person=the_manager(made.host), organisation=made.host, text=text)
    with pytest.raises(DatabaseError, match="has not signed"), transaction.atomic():
        Round.objects.filter(pk=made.pk).update(opened_with=text)
    other = current_text(a_signed_draft())
    with pytest.raises(DatabaseError, match="has not signed"), transaction.atomic():
        Round.objects.filter(pk=made.pk).update(opened_with=other)


def test_a_key_of_no_organisation_signs_for_none(database: None) -> None:
    made, text = a_text()
    stranger = an_organisation(Kind.HOST)
    rotate_key(person=the_manager(stranger), organisation=stranger)
    with pytest.raises(DatabaseError), transaction.atomic():
        make_key(stranger)
    forged(text, made.host, text.canonical.encode(), key=stranger)
    assert missing_signatures(text, [made.host]) == [made.host]


def test_a_funder_that_joins_an_open_round_signs_the_rules_that_it_opened_with(database: None) -> None:
    made = an_opened_round()
    text = made.opened_with
    assert text is not None
    further = an_organisation_of(made)
    leave_later.clear()
    assert missing_signatures(text, signers_of(made)) == [further]
    sign_text(person=the_manager(further), organisation=further, text=text)
    assert missing_signatures(text, signers_of(made)) == []


def test_rules_are_not_signed_once_giving_is_over(database: None) -> None:
    made = a_round(state=State.CLOSED)
    text = SignedText.objects.create(round=made, subject="rules", text="x", canonical="{}", sha256="1" * 64)
    with pytest.raises(NotNow):
        sign_text(person=the_manager(made.host), organisation=made.host, text=text)
