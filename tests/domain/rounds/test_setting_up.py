from datetime import UTC, datetime, timedelta

import pytest

from abonde.core.clock import present_time
from abonde.core.editing import ChangedMeanwhile
from abonde.core.transitions import NotNow
from abonde.funds.actions import add_pot, open_fund, propose_agreement, sign_agreement
from abonde.matching import Cents
from abonde.matching.refusal import Refusal, Refusals
from abonde.organisations.models import Kind, Organisation, Role
from abonde.organisations.permissions import NotAllowed
from abonde.people.models import Person
from abonde.rounds.actions import (
    WrittenChallenge,
    accept_party,
    advance_round,
    cancel_round,
    create_round,
    edit_round_calendar,
    edit_round_challenges,
    edit_round_identity,
    edit_round_presentation,
    edit_round_register,
    edit_round_rules,
    edit_round_territory,
    invite_party,
    invite_party_by_mail,
    leave_round,
    open_round,
    sign_text,
    write_rules_text,
)
from abonde.rounds.calendar import Calendar
from abonde.rounds.models import Round
from abonde.rounds.readiness import NotReady, next_steps
from abonde.rounds.states import State
from tests.factories import a_register, a_round, an_agent, an_organisation, the_manager, unique


def a_calendar(now: datetime) -> Calendar:
    moments = [now + timedelta(days=days) for days in (1, 10, 20, 40)]
    return Calendar(
        applications_open_at=moments[0],
        applications_close_at=moments[1],
        giving_opens_at=moments[2],
        giving_closes_at=moments[3],
    )


def lacking(round_: Round) -> set[str]:
    return {step.key for step in next_steps(round_) if step.lacking}


def with_identity(
    person: Person, round_: Round, *, seen: int | None = None, name: str = "La vallée"
) -> Round:
    return edit_round_identity(
        person=person,
        round_id=round_.pk,
        seen=seen,
        name=name,
        summary="Des projets.",
        description="## Pourquoi",
    )


def test_a_host_sets_a_round_up_step_by_step_and_the_trio_signs_and_opens_it(database: None) -> None:
    host, certifier, funder = (an_organisation(kind) for kind in Kind)
    manager = the_manager(host)
    made = create_round(person=manager, host=host, name="  La  vallée ")
    assert (made.name, made.state) == ("La vallée", State.DRAFT)
    assert lacking(made) == {"identity", "territory", "calendar", "trio", "register", "fund", "signatures"}

    made = with_identity(manager, made, seen=made.version)
    made = edit_round_territory(
        person=manager, round_id=made.pk, seen=made.version, territory=["26113", "200040459", "26113"]
    )
    assert made.territory == ["26113", "200040459"]
    made = edit_round_challenges(
        person=manager,
        round_id=made.pk,
        seen=made.version,
        challenges=[WrittenChallenge(name="Bien manger", question="Comment nourrir la vallée ?")],
    )
    made = edit_round_calendar(
        person=manager,
        round_id=made.pk,
        seen=made.version,
        calendar=a_calendar(present_time()),
        has_selection=True,
    )
    for organisation in (certifier, funder):
        party = invite_party(person=manager, round=made, organisation=organisation)
        assert invite_party(person=manager, round=made, organisation=organisation) == party
        accept_party(person=the_manager(organisation), party_id=party.pk)
    made = edit_round_register(
        person=manager, round_id=made.pk, seen=made.version, register=a_register(certifier)
    )
    pot = add_pot(person=manager, fund=open_fund(person=manager, round=made), name="Général")
    agreement = propose_agreement(person=manager, pot=pot, funder=funder, amount=Cents(5_000_000))
    assert lacking(made) == {"fund", "signatures"}
    sign_agreement(person=the_manager(funder), agreement_id=agreement.pk)
    assert lacking(made) == {"signatures"}

    with pytest.raises(NotReady):
        open_round(person=manager, round=made)
    text = write_rules_text(person=manager, round=made)
    assert write_rules_text(person=manager, round=made) == text
    for organisation in (host, certifier):
        sign_text(person=the_manager(organisation), organisation=organisation, text=text)
    with pytest.raises(NotReady, match="has not signed"):
        open_round(person=manager, round=made)
    sign_text(person=the_manager(funder), organisation=funder, text=text)
    assert lacking(made) == set()
    opened = open_round(person=manager, round=made, seen=made.version)
    assert (opened.state, opened.opened_with) == (State.APPLICATIONS, text)
    assert advance_round(opened.pk) is None


def test_nobody_overwrites_in_silence(database: None) -> None:
    made = a_round(state=State.DRAFT)
    manager = the_manager(made.host)
    seen = made.version
    with_identity(manager, made, seen=seen, name="Premier")
    with pytest.raises(ChangedMeanwhile):
        with_identity(manager, made, seen=seen, name="Second")
    made.refresh_from_db()
    assert made.name == "Premier"


def other_people(made: Round) -> list[Person]:
    return [
        the_manager(an_organisation(Kind.HOST)),
        an_agent(made.host, Role.REVIEWER),
        an_agent(made.host, Role.TREASURER),
        *(the_manager(party.organisation) for party in made.parties.all()),
    ]


def test_only_the_managers_of_the_host_change_a_draft(database: None) -> None:
    made = a_round(state=State.DRAFT)
    for person in other_people(made):
        with pytest.raises(NotAllowed):
            with_identity(person, made)
        with pytest.raises(NotAllowed):
            write_rules_text(person=person, round=made)
        with pytest.raises(NotAllowed):
            cancel_round(person=person, round=made)
        with pytest.raises(NotAllowed):
            invite_party(person=person, round=made, organisation=an_organisation(Kind.FUNDER))


def test_only_a_host_has_rounds(database: None) -> None:
    funder = an_organisation(Kind.FUNDER)
    with pytest.raises(NotNow):
        create_round(person=the_manager(funder), host=funder, name="Mine")


def test_what_has_opened_is_no_longer_edited_but_its_words_are(database: None) -> None:
    made = a_round(state=State.GIVING)
    manager = the_manager(made.host)
    with pytest.raises(NotNow):
        with_identity(manager, made)
    edited = edit_round_presentation(
        person=manager, round_id=made.pk, seen=made.version, summary="Autrement dit.", description=""
    )
    assert edited.summary == "Autrement dit."
    with pytest.raises(NotNow):
        cancel_round(person=manager, round=made)


def test_every_contradiction_of_the_calendar_is_told_at_its_date(database: None) -> None:
    made = a_round(state=State.DRAFT)
    day = datetime(2030, 5, 1, tzinfo=UTC)
    with pytest.raises(Refusals) as caught:
        edit_round_calendar(
            person=the_manager(made.host),
            round_id=made.pk,
            seen=None,
            calendar=Calendar(
                applications_open_at=day,
                applications_close_at=day,
                giving_opens_at=day - timedelta(days=1),
                giving_closes_at=day - timedelta(days=2),
                objection_days=0,
            ),
            has_selection=False,
        )
    assert [getattr(one, "field", "") for one in caught.value.refusals] == [
        "applications_close_at",
        "giving_opens_at",
        "giving_closes_at",
        "objection_days",
    ]


def test_a_limit_that_is_switched_off_is_written_as_none_and_not_as_zero(database: None) -> None:
    made = a_round(state=State.DRAFT)

    def write(**rules: object) -> Round:
        return edit_round_rules(
            person=the_manager(made.host),
            round_id=made.pk,
            seen=None,
            written_rules={"preset": "guarded", **rules},
            smallest_gift=Cents(100),
            largest_gift=Cents(50_000),
        )

    written = write(max_share="none", min_supporters="none")
    assert written.written_rules["max_share"] == written.written_rules["min_supporters"] == "none"
    assert written.rules.max_share is None
    for zero in ({"max_share": 0}, {"min_supporters": 0}, {"max_ratio": "0"}, {"count_from": "0"}):
        with pytest.raises(Refusal):
            write(**zero)
    made.refresh_from_db()
    assert made.written_rules == written.written_rules


@pytest.mark.parametrize(
    ("smallest", "largest"), [(99, 1000), (0, 1000), (2000, 1000), (100, 10**12), (-5, 1000)]
)
def test_amounts_of_gifts_outside_their_bounds_are_refused(
    database: None, smallest: int, largest: int
) -> None:
    made = a_round(state=State.DRAFT)
    with pytest.raises(Refusal, match="smallest gift"):
        edit_round_rules(
            person=the_manager(made.host),
            round_id=made.pk,
            seen=None,
            written_rules={},
            smallest_gift=Cents(smallest),
            largest_gift=Cents(largest),
        )


def test_a_register_of_strangers_is_refused(database: None) -> None:
    made = a_round(state=State.DRAFT)
    with pytest.raises(Refusal, match="register"):
        edit_round_register(person=the_manager(made.host), round_id=made.pk, seen=None, register=a_register())


def test_an_unknown_commune_is_refused_with_the_nearest(database: None) -> None:
    made = a_round(state=State.DRAFT)
    with pytest.raises(Refusal, match="75056"):
        edit_round_territory(person=the_manager(made.host), round_id=made.pk, seen=None, territory=["75101"])


def test_a_challenge_keeps_its_key_when_renamed_and_stays_while_a_pot_is_kept_for_it(database: None) -> None:
    made = a_round(state=State.DRAFT)
    manager = the_manager(made.host)
    nature = made.challenges.get(key="nature")
    add_pot(person=manager, fund=open_fund(person=manager, round=made), name="Nature", challenge=nature)

    def write(*challenges: WrittenChallenge) -> None:
        edit_round_challenges(person=manager, round_id=made.pk, seen=None, challenges=challenges)

    write(
        WrittenChallenge(key="food", name="Se nourrir"),
        WrittenChallenge(key="nature", name="Le vivant"),
        WrittenChallenge(name="Se nourrir"),
    )
    assert list(made.challenges.values_list("key", "name")) == [
        ("food", "Se nourrir"),
        ("nature", "Le vivant"),
        ("se-nourrir", "Se nourrir"),
    ]
    write(WrittenChallenge(key="nature", name="Le vivant"))
    with pytest.raises(NotNow, match="pot"):
        write()
    assert list(made.challenges.values_list("key", flat=True)) == ["nature"]


def test_addresses_of_rounds_are_never_taken_twice(database: None) -> None:
    host = an_organisation(Kind.HOST)
    slugs = {create_round(person=the_manager(host), host=host, name="Éclosion ✿").slug for _ in range(3)}
    assert len(slugs) == 3
    assert all(slug.startswith("eclosion") for slug in slugs)


def test_a_draft_is_given_up_once(database: None) -> None:
    made = a_round(state=State.DRAFT)
    manager = the_manager(made.host)
    assert cancel_round(person=manager, round=made, seen=made.version).state == State.CANCELLED
    with pytest.raises(NotNow):
        cancel_round(person=manager, round=made)


def test_the_host_and_the_treasurer_open_one_fund(database: None) -> None:
    made = a_round(state=State.DRAFT, fund=0)
    treasurer = an_agent(made.host, Role.TREASURER)
    fund = open_fund(person=treasurer, round=made)
    assert open_fund(person=the_manager(made.host), round=made) == fund
    stranger: Organisation = made.parties.all()[0].organisation
    with pytest.raises(NotAllowed):
        open_fund(person=the_manager(stranger), round=made)


def test_two_organisations_of_one_name_are_invited_by_mail(database: None) -> None:
    made = a_round(state=State.DRAFT)
    name = unique("Banque")
    parties = [
        invite_party_by_mail(
            person=the_manager(made.host), round=made, kind=Kind.FUNDER, name=name, email=f"{n}@example.org"
        )
        for n in (1, 2)
    ]
    assert len({party.organisation.slug for party in parties}) == 2
    with pytest.raises(Refusal):
        invite_party_by_mail(
            person=the_manager(made.host), round=made, kind=Kind.HOST, name=name, email="3@example.org"
        )


def test_a_round_has_one_certifier(database: None) -> None:
    made = a_round(state=State.DRAFT)
    with pytest.raises(NotNow, match="one certifier"):
        invite_party(person=the_manager(made.host), round=made, organisation=an_organisation(Kind.CERTIFIER))


def test_an_invitation_taken_back_is_not_accepted_and_may_be_made_again(database: None) -> None:
    made = a_round(state=State.DRAFT)
    manager, funder = the_manager(made.host), an_organisation(Kind.FUNDER)
    party = invite_party(person=manager, round=made, organisation=funder)
    leave_round(person=manager, party_id=party.pk)
    assert leave_round(person=manager, party_id=party.pk).left_at is not None
    with pytest.raises(NotNow, match="taken back"):
        accept_party(person=the_manager(funder), party_id=party.pk)
    again = invite_party(person=manager, round=made, organisation=funder)
    assert accept_party(person=the_manager(funder), party_id=again.pk).accepted_at is not None
    with pytest.raises(NotAllowed):
        leave_round(person=the_manager(an_organisation(Kind.FUNDER)), party_id=again.pk)
