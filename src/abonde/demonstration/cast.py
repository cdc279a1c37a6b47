"""The invented people and organisations of the demonstration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from allauth.account.models import EmailAddress
from django.urls import reverse

from abonde.demonstration.models import DemonstrationAccount
from abonde.demonstration.second_factor import give_second_factor
from abonde.organisations.actions import create_organisation
from abonde.organisations.models import Kind, Membership, Organisation, Role
from abonde.people.models import Person

HOST: Final = "fondation-des-vallons"
CERTIFIER: Final = "pays-des-vallons"
FUNDERS: Final = ("mutuelle-du-levant", "banque-des-rives", "famille-astier")

ORGANISATIONS: Final[dict[str, tuple[Kind, str]]] = {
    HOST: (Kind.HOST, "Fondation des vallons"),
    CERTIFIER: (Kind.CERTIFIER, "Communauté du pays des vallons"),
    FUNDERS[0]: (Kind.FUNDER, "Mutuelle du Levant"),
    FUNDERS[1]: (Kind.FUNDER, "Banque des rives"),
    FUNDERS[2]: (Kind.FUNDER, "Fonds de la famille Astier"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A person whom a visitor may become: their name, what they are, and for whom they act."""

    key: str
    name: str
    title: str
    organisation: str = ""
    role: Role = Role.MANAGER


PARTS: Final = (
    Part("citoyenne", "Inès Delmas", "Habitante, avec une voix"),
    Part("visiteur", "Paul Orsini", "Visiteur, sans voix"),
    Part("porteuse", "Solène Quéré", "Porteuse de projets"),
    Part("directrice", "Hélène Fabre", "Directrice de la fondation", HOST),
    Part("instructeur", "Nadir Maurel", "Instructeur des candidatures", HOST, Role.REVIEWER),
    Part("tresoriere", "Maëlle Kerbrat", "Trésorière de la fondation", HOST, Role.TREASURER),
    Part("certificateur", "Joachim Sabatier", "Élu de la collectivité", CERTIFIER),
    Part("guichet", "Fatou Navarro", "Agente du guichet", CERTIFIER, Role.REGISTRAR),
    Part("mutuelle", "Rachid Jourdan", "Financeur, Mutuelle du Levant", FUNDERS[0]),
    Part("banque", "Katell Vidal", "Financeur, Banque des rives", FUNDERS[1]),
    Part("famille", "Gaspard Astier", "Financeur, famille Astier", FUNDERS[2]),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody of the demonstration, by key."""

    people: dict[str, Person]
    organisations: dict[str, Organisation]


def assemble() -> Cast:
    """Make the people and their organisations; every agent has a second factor."""
    people = {part.key: _person(part) for part in PARTS}
    organisations = {
        slug: create_organisation(
            person=None, kind=kind, slug=slug, name=name, manager=people[_manager(slug)]
        )
        for slug, (kind, name) in ORGANISATIONS.items()
    }
    for part in PARTS:
        if part.organisation and part.role != Role.MANAGER:
            Membership.objects.create(
                person=people[part.key], organisation=organisations[part.organisation], role=part.role
            )
    return Cast(people=people, organisations=organisations)


def recall() -> Cast:
    """The people and organisations of a demonstration that is there."""
    people = {part.key: Person.objects.get(email=_address(part)) for part in PARTS}
    return Cast(
        people=people, organisations={slug: Organisation.objects.get(slug=slug) for slug in ORGANISATIONS}
    )


def bill(cast: Cast, *, round_slug: str) -> None:
    """Let visitors become these people, each at the page where their work begins."""
    home = {
        "citoyenne": reverse("round", args=[round_slug]),
        "visiteur": reverse("round", args=[round_slug]),
        "porteuse": reverse("my-projects"),
    }
    DemonstrationAccount.objects.bulk_create(
        DemonstrationAccount(
            person=cast.people[part.key],
            title=part.title,
            organisation=cast.organisations[part.organisation].name if part.organisation else "",
            address=home.get(part.key) or reverse("workspace", args=[part.organisation]),
            position=position,
        )
        for position, part in enumerate(PARTS)
    )


def _person(part: Part) -> Person:
    address = _address(part)
    person = Person.objects.create(email=address, name=part.name)
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    if part.organisation:
        give_second_factor(person)
    return person


def _address(part: Part) -> str:
    return f"{part.key}@abonde.example"


def _manager(organisation: str) -> str:
    return next(part.key for part in PARTS if part.organisation == organisation and part.role == Role.MANAGER)
