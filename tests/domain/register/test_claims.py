"""One human, one voice: every way ends at the same entry, and an entry is claimed once for ever."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from abonde.core.models import Event
from abonde.core.sealing import unseal
from abonde.core.transitions import NotNow
from abonde.matching.refusal import Refusal
from abonde.organisations.models import Role
from abonde.organisations.permissions import NotAllowed
from abonde.people.actions import delete_account
from abonde.people.models import Person
from abonde.register.actions import EntryTaken, revoke_certificate
from abonde.register.claims import claim_entry, claim_with_pivot
from abonde.register.codes import (
    ALPHABET,
    BY_ADDRESS,
    BY_PERSON,
    WrongCode,
    check_symbol,
    claim_with_code,
    grouped,
    make_code,
    new_code,
    read_code,
)
from abonde.register.counter import (
    ask_two_officials,
    certify,
    decide,
    look_up,
    move_voice,
    number_for,
    propose,
    slip,
)
from abonde.register.identity import Pivot, entry_key, place_key, read_pivot
from abonde.register.limits import TooOften, count_attempt
from abonde.register.models import (
    Attempt,
    Certificate,
    CounterNumber,
    Entry,
    Origin,
    PostedCode,
    Register,
    Strategy,
)
from abonde.register.queries import has_voice, number_of_voices
from abonde.register.strategies import NoVoice
from tests.factories import a_person, a_register, an_agent, the_manager, unique

pytestmark = pytest.mark.usefixtures("database")

ZOE = read_pivot("Lefèvre", "Zoé Anne", "1990-03-12", "26113")


def a_certified_register(*pivots: Pivot) -> Register:
    register = a_register(strategy=Strategy.CERTIFIED)
    for pivot in pivots or (ZOE,):
        an_entry(register, pivot)
    return register


def an_entry(register: Register, pivot: Pivot) -> Entry:
    secret = unseal(bytes(register.sealed_key))
    return Entry.objects.create(
        register=register,
        key=entry_key(secret, pivot),
        place_key=place_key(secret, pivot),
        origin=Origin.IMPORT,
    )


def by_franceconnect(register: Register, person: Person) -> bool:
    return bool(
        claim_with_pivot(person=person, pivot=ZOE, method="franceconnect", registers=[register]).granted
    )


def by_code(register: Register, person: Person) -> bool:
    entry = Entry.objects.get(register=register)
    try:
        code = make_code(entry=entry, made_by=the_manager(register.owner))
        claim_with_code(person=person, written=grouped(code).lower(), address=unique("address"))
    except (NoVoice, NotNow):
        return False
    return True


def at_the_counter(register: Register, person: Person) -> bool:
    official = an_agent(register.owner, Role.REGISTRAR)
    (entry,) = look_up(person=official, register=register, pivot=ZOE).exact
    try:
        certify(person=official, entry=entry, number=number_for(person).number)
    except NoVoice:
        return False
    return True


WAYS: list[Callable[[Register, Person], bool]] = [by_franceconnect, by_code, at_the_counter]
PAIRS = list(itertools.product(WAYS, WAYS))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_the_same_human_by_any_two_ways_has_one_voice(
    one: Callable[[Register, Person], bool], other: Callable[[Register, Person], bool]
) -> None:
    register, first, second = a_certified_register(), a_person(), a_person()
    assert one(register, first)
    assert not other(register, second)
    assert number_of_voices(register) == 1
    assert has_voice(first, register)
    assert not has_voice(second, register)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_deleting_the_account_and_coming_back_any_way_gives_no_second_voice(
    one: Callable[[Register, Person], bool], other: Callable[[Register, Person], bool]
) -> None:
    register, first, again = a_certified_register(), a_person(), a_person()
    assert one(register, first)
    delete_account(person=first)
    assert not other(register, again)
    assert number_of_voices(register) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_voice_that_was_taken_back_is_not_claimed_again(way: Callable[[Register, Person], bool]) -> None:
    register, person = a_certified_register(), a_person()
    assert way(register, person)
    held = Certificate.objects.get(person=person)
    revoke_certificate(person=the_manager(register.owner), certificate=held, reason="Erreur au guichet")
    assert number_of_voices(register) == 0
    assert not by_franceconnect(register, person)
    assert not by_franceconnect(register, a_person())


def test_claimed_again_by_the_same_account_is_the_same_voice() -> None:
    register, person = a_certified_register(), a_person()
    entry = Entry.objects.get(register=register)
    first = claim_entry(person=person, entry=entry, method="code")
    assert claim_entry(person=person, entry=entry, method="counter") == first
    assert claim_with_pivot(person=person, pivot=ZOE, method="franceconnect", registers=[register]).held == [
        register
    ]


def test_one_account_never_has_two_voices_of_a_register() -> None:
    register, person = a_certified_register(ZOE, read_pivot("Petit", "Léa", "1980-02-01")), a_person()
    one, other = Entry.objects.filter(register=register).order_by("pk")
    claim_entry(person=person, entry=one, method="code")
    with pytest.raises(NoVoice, match="one person, one voice"):
        claim_entry(person=person, entry=other, method="code")


def test_homonyms_and_near_misses_are_never_matched_silently() -> None:
    elsewhere = read_pivot("Lefèvre", "Zoé", "1990-03-12", "29019")
    register, person = a_certified_register(ZOE, elsewhere), a_person()
    without_place = read_pivot("Lefèvre", "Zoé", "1990-03-12")
    claimed = claim_with_pivot(
        person=person, pivot=without_place, method="franceconnect", registers=[register]
    )
    assert claimed.unclear == [register]
    for near in (
        read_pivot("Lefèbre", "Zoé", "1990-03-12"),
        read_pivot("Zoé", "Lefèvre", "1990-03-12"),
        read_pivot("Lefèvre", "Zoé", "1990-12-03"),
    ):
        claimed = claim_with_pivot(person=person, pivot=near, method="franceconnect", registers=[register])
        assert claimed.absent == [register]
        found = look_up(person=the_manager(register.owner), register=register, pivot=near)
        assert found.exact == []
        assert found.near
    assert number_of_voices(register) == 0


def test_who_left_the_register_claims_nothing() -> None:
    register, person = a_certified_register(), a_person()
    entry = Entry.objects.get(register=register)
    Entry.objects.filter(pk=entry.pk).update(left_at="2026-01-01T00:00Z")
    assert claim_with_pivot(person=person, pivot=ZOE, method="franceconnect", registers=[register]).absent
    with pytest.raises(NoVoice, match="no longer in"):
        claim_entry(person=person, entry=entry, method="code")


def test_of_a_hundred_who_claim_one_entry_at_once_one_wins() -> None:
    register = a_certified_register()
    entry, people = Entry.objects.get(register=register), [a_person() for _ in range(100)]

    def claim(person: Person) -> bool:
        try:
            claim_entry(person=person, entry=entry, method="code")
        except EntryTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(20) as pool:
        won = list(pool.map(claim, people))
    assert sum(won) == 1
    assert Certificate.objects.filter(entry=entry).count() == 1


# --- codes ------------------------------------------------------------------------------------------------------------


def test_every_slip_in_a_code_is_seen_before_it_is_looked_up() -> None:
    code = new_code()
    assert read_code(f" {grouped(code).lower()} ") == code
    for place in range(len(code)):
        for other in ALPHABET:
            if other != code[place]:
                with pytest.raises(WrongCode, match="not right"):
                    read_code(code[:place] + other + code[place + 1 :])
    for place in range(len(code) - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        if swapped != code:
            with pytest.raises(WrongCode):
                read_code(swapped)


@pytest.mark.parametrize(
    "written",
    ["", "0", "ABCD EFGH JKL", "ABCD EFGH JKLM N", "IIII OOOO UUUU", "é" * 12, "²" * 12, "A" * 5000, "\0"],
)
def test_what_is_no_code_is_told_so(written: str) -> None:
    with pytest.raises(WrongCode):
        read_code(written)


def test_a_code_is_kept_as_a_hash_and_good_once() -> None:
    register, person = a_certified_register(), a_person()
    entry = Entry.objects.get(register=register)
    code = slip(person=the_manager(register.owner), entry=entry)
    kept = PostedCode.objects.get(entry=entry)
    assert code.encode() not in bytes(kept.digest)
    granted = claim_with_code(person=person, written=code, address="a")
    assert granted.method == "code"
    assert claim_with_code(person=person, written=code, address="a") == granted
    with pytest.raises(WrongCode, match="used already"):
        claim_with_code(person=a_person(), written=code, address="a")
    with pytest.raises(NotNow, match="claimed already"):
        make_code(entry=entry, made_by=the_manager(register.owner))


def test_a_newer_code_ends_the_former_and_time_ends_both() -> None:
    register = a_certified_register()
    entry, official = Entry.objects.get(register=register), the_manager(register.owner)
    former, newer = make_code(entry=entry, made_by=official), make_code(entry=entry, made_by=official)
    with pytest.raises(WrongCode, match="no longer good"):
        claim_with_code(person=a_person(), written=former, address=unique("a"))
    PostedCode.objects.filter(entry=entry).update(expires_at="2026-01-01T00:00Z")
    with pytest.raises(WrongCode, match="no longer good"):
        claim_with_code(person=a_person(), written=newer, address=unique("a"))


def test_guessing_ends_soon_by_person_and_by_address() -> None:
    person, address = a_person(), unique("address")
    for _ in range(BY_PERSON.most):
        with pytest.raises(WrongCode):
            claim_with_code(person=person, written=new_code(), address=unique("address"))
    with pytest.raises(TooOften):
        claim_with_code(person=person, written=new_code(), address=unique("address"))
    for _ in range(BY_ADDRESS.most):
        count_attempt(BY_ADDRESS, address)
    register = a_certified_register()
    right = make_code(entry=Entry.objects.get(register=register), made_by=the_manager(register.owner))
    with pytest.raises(TooOften):
        claim_with_code(person=a_person(), written=right, address=address)
    assert number_of_voices(register) == 0


def test_limits_count_everybody_who_tries_at_once() -> None:
    who = unique("who")

    def attempt(_time: int) -> bool:
        try:
            count_attempt(BY_PERSON, who)
        except TooOften:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(16) as pool:
        let_through = sum(pool.map(attempt, range(200)))
    assert let_through <= BY_PERSON.most
    assert who.encode() not in b"".join(bytes(one.subject) for one in Attempt.objects.all())


def test_a_hundred_thousand_guesses_find_nothing() -> None:
    """Past all limits, with the right check symbol, against 336 codes at once."""
    register = a_certified_register(
        *(
            read_pivot("Petit", "Léa", f"1980-{month:02}-{day:02}")
            for month in range(1, 13)
            for day in range(1, 29)
        )
    )
    for entry in Entry.objects.filter(register=register):
        make_code(entry=entry, made_by=the_manager(register.owner))
    from abonde.register.codes import digest_of

    guesses = {digest_of(register, new_code()) for _ in range(100_000)}
    known = {bytes(digest) for digest in PostedCode.objects.values_list("digest", flat=True)}
    assert len(known) >= 336
    assert not guesses & known
    assert all(check_symbol(code[:-1]) == code[-1] for code in (new_code() for _ in range(100)))


# --- the counter ------------------------------------------------------------------------------------------------------


def test_the_number_on_the_screen_leads_to_the_account_once() -> None:
    register, person = a_certified_register(), a_person()
    official, entry = an_agent(register.owner, Role.REGISTRAR), Entry.objects.get(register=register)
    shown = number_for(person)
    assert number_for(person).number == shown.number
    granted = certify(person=official, entry=entry, number=f"{shown.number[:3]} {shown.number[3:]}")
    assert (granted.person, granted.method, granted.granted_by) == (person, "counter", official)
    assert not CounterNumber.objects.filter(person=person).exists()


def test_a_number_that_is_over_or_ones_own_certifies_nobody() -> None:
    register, person = a_certified_register(), a_person()
    official, entry = an_agent(register.owner, Role.REGISTRAR), Entry.objects.get(register=register)
    shown = number_for(person)
    CounterNumber.objects.filter(person=person).update(expires_at=shown.expires_at - timedelta(hours=1))
    for number in (shown.number, "", "12345", "x", "\0"):
        with pytest.raises(Exception, match="No screen shows"):
            certify(person=official, entry=entry, number=number)
    with pytest.raises(Exception, match="your own account"):
        certify(person=official, entry=entry, number=number_for(official).number)
    assert number_of_voices(register) == 0


def test_who_is_not_in_the_register_is_added_with_proof_and_reason() -> None:
    register = a_certified_register()
    official = an_agent(register.owner, Role.REGISTRAR)
    lea = read_pivot("Petit", "Léa", "1980-02-01")
    with pytest.raises(Exception, match="which paper"):
        propose(person=official, register=register, pivot=lea, proof="", reason="")
    added = propose(
        person=official, register=register, pivot=lea, proof="Quittance", reason="Arrivée en juin"
    )
    assert look_up(person=official, register=register, pivot=lea).exact == [added.entry]
    with pytest.raises(NotNow, match="is in the register"):
        propose(person=official, register=register, pivot=lea, proof="Quittance", reason="Encore")


def test_two_officials_where_the_register_asks_for_them() -> None:
    register = a_certified_register()
    one, other = an_agent(register.owner, Role.REGISTRAR), an_agent(register.owner, Role.REGISTRAR)
    with pytest.raises(NotAllowed):
        ask_two_officials(person=one, register=register, two=True)
    ask_two_officials(person=the_manager(register.owner), register=register, two=True)
    register.refresh_from_db()
    lea = read_pivot("Petit", "Léa", "1980-02-01")
    proposal = propose(person=one, register=register, pivot=lea, proof="Quittance", reason="Arrivée en juin")
    assert look_up(person=one, register=register, pivot=lea).exact == []
    with pytest.raises(NotNow, match="proposed already"):
        propose(person=other, register=register, pivot=lea, proof="Quittance", reason="Arrivée")
    with pytest.raises(Exception, match="second official"):
        decide(person=one, proposal=proposal, accept=True)
    decide(person=other, proposal=proposal, accept=True)
    assert len(look_up(person=one, register=register, pivot=lea).exact) == 1
    with pytest.raises(NotNow, match="decided already"):
        decide(person=other, proposal=proposal, accept=False)


def test_who_comes_back_at_the_counter_has_their_former_entry_and_no_second_voice() -> None:
    register, person = a_certified_register(), a_person()
    assert by_franceconnect(register, person)
    Entry.objects.filter(register=register).update(left_at="2026-01-01T00:00Z")
    back = read_pivot("Lefèvre", "Zoé", "1990-03-12")
    proposal = propose(
        person=the_manager(register.owner), register=register, pivot=back, proof="Bail", reason="De retour"
    )
    assert proposal.entry == Entry.objects.get(register=register)
    assert not by_franceconnect(register, a_person())
    assert number_of_voices(register) == 1


@pytest.mark.parametrize("role", [Role.READER])
def test_only_registrars_stand_at_the_counter(role: Role) -> None:
    register = a_certified_register()
    reader, entry = an_agent(register.owner, role), Entry.objects.get(register=register)
    stranger = an_agent(a_register(strategy=Strategy.CERTIFIED).owner, Role.REGISTRAR)
    plain = an_agent(register.owner, Role.REGISTRAR, second_factor=False)
    for person in (reader, stranger, plain, a_person()):
        with pytest.raises(NotAllowed):
            look_up(person=person, register=register, pivot=ZOE)
        with pytest.raises(NotAllowed):
            slip(person=person, entry=entry)
        with pytest.raises(NotAllowed):
            certify(person=person, entry=entry, number="123456")
        with pytest.raises(NotAllowed):
            propose(person=person, register=register, pivot=ZOE, proof="x", reason="x")


def test_a_lost_account_is_left_behind_and_the_voice_moves_once() -> None:
    register, lost, new = a_certified_register(), a_person(), a_person()
    official, entry = an_agent(register.owner, Role.REGISTRAR), Entry.objects.get(register=register)
    with pytest.raises(NotNow, match="has not been claimed"):
        move_voice(person=official, entry=entry, number=number_for(new).number, reason="Boîte perdue")
    assert by_franceconnect(register, lost)
    with pytest.raises(NotNow, match="this voice already"):
        move_voice(person=official, entry=entry, number=number_for(lost).number, reason="Boîte perdue")
    with pytest.raises(Refusal, match="Say why"):
        move_voice(person=official, entry=entry, number=number_for(new).number, reason=" ")
    granted = move_voice(person=official, entry=entry, number=number_for(new).number, reason="Boîte perdue")
    assert (granted.person, granted.entry, granted.granted_by) == (new, entry, official)
    assert not has_voice(lost, register)
    assert has_voice(new, register)
    assert number_of_voices(register) == 1
    assert not by_franceconnect(register, lost)
    assert not by_franceconnect(register, a_person())
    delete_account(person=new)
    third = a_person()
    move_voice(person=official, entry=entry, number=number_for(third).number, reason="Compte supprimé")
    assert number_of_voices(register) == 1
    with pytest.raises(NotAllowed):
        move_voice(person=a_person(), entry=entry, number="123456", reason="x")


def test_a_voice_that_was_taken_back_is_given_back_for_a_reason_of_its_own() -> None:
    register, person = a_certified_register(), a_person()
    official, entry = an_agent(register.owner, Role.REGISTRAR), Entry.objects.get(register=register)
    assert by_franceconnect(register, person)
    former = Certificate.objects.get(entry=entry)
    revoke_certificate(person=official, certificate=former, reason="Signalement anonyme")
    found = look_up(person=official, register=register, pivot=ZOE)
    assert found.claimed[entry.pk].reason == "Signalement anonyme"
    with pytest.raises(Refusal, match="Say why the voice moves"):
        move_voice(person=official, entry=entry, number=number_for(person).number, reason=" ")
    granted = move_voice(
        person=official, entry=entry, number=number_for(person).number, reason="Vérifié au guichet"
    )
    former.refresh_from_db()
    assert (former.reason, granted.person) == ("Signalement anonyme", person)
    told = Event.objects.get(verb="move_voice", subject_id=str(granted.pk))
    assert told.before == {"voice": former.reference}
    assert told.after == {"voice": granted.reference, "reason": "Vérifié au guichet"}
    assert look_up(person=official, register=register, pivot=ZOE).claimed[entry.pk] == granted
