"""The smallest worlds that tests need, made through real actions where one exists. Slugs are unique: tests commit."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt

from abonde.core.clock import present_time, transaction_time
from abonde.core.sealing import seal
from abonde.funds.actions import add_pot, open_fund, open_project_account, propose_agreement, sign_agreement
from abonde.giving.actions import basket_for, checkout, put_in_basket, settle_contributions
from abonde.giving.models import Pledge
from abonde.matching.amounts import Cents
from abonde.organisations.actions import create_organisation
from abonde.organisations.models import Kind, Membership, Organisation, Role
from abonde.people.models import Person
from abonde.projects.models import BudgetLine, Holder, LegalPerson, Project
from abonde.projects.states import State as ProjectState
from abonde.register.actions import claim_own_voice, open_register
from abonde.register.models import Register, Strategy
from abonde.rounds.actions import open_round, sign_text, write_rules_text
from abonde.rounds.models import Challenge, Party, Round
from abonde.rounds.queries import signers_of
from abonde.rounds.states import State

COMMUNES: Final = ("26113", "26108", "26220")
"""Die, Crest and Nyons."""

WAY_TO: Final[dict[State, tuple[State, ...]]] = {
    State.DRAFT: (),
    State.CANCELLED: (State.CANCELLED,),
    State.APPLICATIONS: (State.APPLICATIONS,),
    State.SELECTION: (State.APPLICATIONS, State.SELECTION),
    State.GIVING: (State.APPLICATIONS, State.GIVING),
    State.CLOSED: (State.APPLICATIONS, State.GIVING, State.CLOSED),
    State.PROVISIONAL: (State.APPLICATIONS, State.GIVING, State.CLOSED, State.PROVISIONAL),
    State.FINAL: (State.APPLICATIONS, State.GIVING, State.CLOSED, State.PROVISIONAL, State.FINAL),
}

DAYS_BEFORE_NOW: Final[dict[State, tuple[int, int, int, int]]] = {
    # applications open and close, giving opens and closes: days from now
    State.APPLICATIONS: (-5, 10, 20, 50),
    State.SELECTION: (-20, -5, 10, 40),
    State.GIVING: (-40, -20, -10, 20),
}


def unique(prefix: str) -> str:
    """A slug that no other test has."""
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def a_person(*, email: str = "", name: str = "Camille Martin", language: str = "fr") -> Person:
    """Somebody with an account and a verified e-mail address."""
    address = email or f"{unique('camille')}@example.org"
    person = Person.objects.create(email=address, name=name, language=language)
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    return person


def with_second_factor(person: Person) -> Person:
    """The person with an application that shows codes."""
    TOTP.activate(person, generate_totp_secret())
    return person


def an_organisation(kind: Kind = Kind.HOST, *, name: str = "", manager: Person | None = None) -> Organisation:
    """An organisation with its signing key; its manager has a second factor."""
    title = name or {Kind.HOST: "Fondation", Kind.CERTIFIER: "Ville", Kind.FUNDER: "Entreprise"}[kind]
    return create_organisation(
        person=None,
        kind=kind,
        name=title,
        slug=unique(kind.value),
        manager=manager or with_second_factor(a_person(name=f"Manager of {title}")),
    )


def the_manager(organisation: Organisation) -> Person:
    """The first manager of an organisation."""
    return (
        Membership.objects.filter(organisation=organisation, role=Role.MANAGER, ended_at=None)
        .order_by("pk")[0]
        .person
    )


def an_agent(organisation: Organisation, role: Role = Role.MANAGER, *, second_factor: bool = True) -> Person:
    """Somebody who acts for the organisation in the role."""
    person = a_person(name=f"{role.value} of {organisation}")
    Membership.objects.create(person=person, organisation=organisation, role=role)
    return with_second_factor(person) if second_factor else person


def a_register(owner: Organisation | None = None, *, strategy: Strategy = Strategy.OPEN) -> Register:
    """A register of the organisation."""
    organisation = owner or an_organisation(Kind.CERTIFIER)
    return open_register(
        person=the_manager(organisation), organisation=organisation, strategy=strategy, name="Habitants"
    )


def a_round(  # noqa: PLR0913  (an action names all it needs)
    *,
    state: State = State.GIVING,
    host: Organisation | None = None,
    name: str = "Notre vallée",
    slug: str = "",
    fund: int = 1_000_000,
    has_selection: bool = False,
    certifier: Organisation | None = None,
    funder: Organisation | None = None,
    **columns: object,
) -> Round:
    """A round in a state, with its trio, two challenges, a register, and a fund with one general pot of `fund` cents.

    Its calendar fits its state. `columns` are those of the table, such as `written_rules` or `giving_closes_at`.
    """
    owner = host or an_organisation(Kind.HOST)
    certifier = certifier or an_organisation(Kind.CERTIFIER)
    funder = funder or an_organisation(Kind.FUNDER)
    now = present_time()
    days = DAYS_BEFORE_NOW.get(
        state, (5, 15, 20, 50) if state in {State.DRAFT, State.CANCELLED} else (-90, -70, -60, -1)
    )
    moments = [now + timedelta(days=day) for day in days]
    values: dict[str, object] = {
        "applications_open_at": moments[0],
        "applications_close_at": moments[1],
        "giving_opens_at": moments[2],
        "giving_closes_at": moments[3],
        "territory": list(COMMUNES),
        "register": a_register(certifier),
        **columns,
    }
    made = Round.objects.create(
        host=owner,
        name=name,
        slug=slug or unique("vallee"),
        summary="Des projets communs pour la vallée.",
        has_selection=has_selection or state == State.SELECTION,
        **values,
    )
    for position, (key, question) in enumerate((("nature", "Vivre avec le vivant"), ("food", "Bien manger"))):
        Challenge.objects.create(round=made, key=key, name=question, question=question, position=position)
    for organisation in (certifier, funder):
        Party.objects.create(round=made, organisation=organisation, accepted_at=transaction_time())
    if fund:
        a_pot(made, cents=fund, funder=funder)
    for step in WAY_TO[state]:
        made.state = step
        made.save(update_fields=["state"])
    made.refresh_from_db()
    return made


def a_signed_draft(**columns: object) -> Round:
    """A draft whose rules the whole trio has signed; `columns` as for a_round."""
    made = a_round(state=State.DRAFT, **columns)  # type: ignore[arg-type]
    text = write_rules_text(person=the_manager(made.host), round=made)
    for organisation in signers_of(made):
        sign_text(person=the_manager(organisation), organisation=organisation, text=text)
    return made


def an_opened_round(**columns: object) -> Round:
    """A round that its host has opened, with its rules signed; it takes applications from its calendar's date on."""
    made = a_signed_draft(**columns)
    return open_round(person=the_manager(made.host), round=made)


def the_code_of(person: Person) -> str:
    """What the person's application shows now; a code is good once."""
    authenticator = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    return str(format_hotp_value(hotp_value(decrypt(authenticator.data["secret"]), int(time.time()) // 30)))


def a_pot(round: Round, *, cents: int, funder: Organisation | None = None, **earmark: object) -> None:  # noqa: A002
    """A further pot of the round, under a signed agreement of the funder (the round's own unless named)."""
    manager = the_manager(round.host)
    pot = add_pot(person=manager, fund=open_fund(person=manager, round=round), name="Fonds", **earmark)  # type: ignore[arg-type]
    giver = funder or Organisation.objects.filter(kind=Kind.FUNDER, parties__round=round)[0]
    agreement = propose_agreement(person=manager, pot=pot, funder=giver, amount=Cents(cents))
    sign_agreement(person=the_manager(giver), agreement_id=agreement.pk)


WAY_OF_PROJECT: Final[dict[ProjectState, tuple[ProjectState, ...]]] = {
    ProjectState.DRAFT: (),
    ProjectState.SUBMITTED: (ProjectState.SUBMITTED,),
    ProjectState.RETURNED: (ProjectState.SUBMITTED, ProjectState.RETURNED),
    ProjectState.ADMITTED: (ProjectState.SUBMITTED, ProjectState.ADMITTED),
    ProjectState.SELECTED: (ProjectState.SUBMITTED, ProjectState.ADMITTED, ProjectState.SELECTED),
    ProjectState.WITHDRAWN: (
        ProjectState.SUBMITTED,
        ProjectState.ADMITTED,
        ProjectState.SELECTED,
        ProjectState.WITHDRAWN,
    ),
}


def a_project(
    round: Round,  # noqa: A002
    *,
    state: ProjectState = ProjectState.SELECTED,
    holder: Person | None = None,
    name: str = "Atelier de réparation",
    need: int = 300_000,
    **columns: object,
) -> Project:
    """A complete application in a state, carried by `holder`; a selected one has its account in the book.

    Rows are written straight, since a round that gives takes no applications. `need` is the ideal one, in cents.
    """
    values: dict[str, object] = {
        "summary": "Réparer ensemble plutôt que jeter.",
        "story": "Un atelier **ouvert** à tous.\n\n- des outils\n- des voisins",
        "challenge": round.challenges.first(),
        "place": round.territory[0] if round.territory else "",
        "need_minimum": need // 3,
        "need_ideal": need,
        "licence": "CC BY-SA 4.0",
        "ties": "aucun",
        **columns,
    }
    project = Project.objects.create(round=round, slug=unique("atelier"), name=name, **values)
    Holder.objects.create(project=project, person=holder or a_person(name="Dominique Porteur"))
    LegalPerson.objects.create(
        project=project,
        name="Les Réparateurs",
        form="association",
        rna="W261000123",
        address="1 place du Marché\n26150 Die",
        sealed_iban=seal(b"FR1420041010050500013M02606"),
    )
    BudgetLine.objects.create(project=project, label="Outils", amount=need)
    for step in WAY_OF_PROJECT[state]:
        project.state = step
        if step == ProjectState.SUBMITTED:
            project.submitted_at = transaction_time()
        if step == ProjectState.SELECTED:
            project.selected_at = transaction_time()
            open_project_account(round=round, key=project.slug, title=project.name)
        project.save_edit(None)
    return project


def a_voice(person: Person, round: Round) -> None:  # noqa: A002
    """The person's voice in the round's open register."""
    assert round.register is not None
    claim_own_voice(person, round.register)


def a_pledge(person: Person, gifts: Mapping[Project, int]) -> Pledge:
    """A check-out of the person: cents by project, all of one round."""
    round_ = next(iter(gifts)).round
    basket = basket_for(round_, person=person, basket_id=None)
    for project, cents in gifts.items():
        put_in_basket(basket=basket, project=project, amount=Cents(cents))
    basket.refresh_from_db()
    return checkout(person=person, basket=basket, seen=basket.version)


def a_settled_gift(
    project: Project, cents: int, *, person: Person | None = None, voice: bool = True
) -> Pledge:
    """A gift that counts, of somebody with a voice unless said otherwise. No payment and no book: see payments."""
    giver = person or a_person()
    if voice:
        a_voice(giver, project.round)
    pledge = a_pledge(giver, {project: cents})
    settle_contributions(pledge=pledge)
    return pledge
