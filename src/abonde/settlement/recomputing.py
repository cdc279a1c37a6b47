"""A provisional result whose gifts, voices or projects changed is computed again, and says what happened."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from abonde.core.models import Event
from abonde.matching.refusal import Refusal
from abonde.payments.models import Payment
from abonde.projects.models import Project
from abonde.register.models import Certificate
from abonde.rounds.models import Round
from abonde.rounds.states import State
from abonde.settlement.actions import compute_result
from abonde.settlement.models import Computation
from abonde.settlement.queries import latest

log = structlog.get_logger("abonde.settlement")


def recompute_changed() -> list[Computation]:
    """The new computations of the provisional rounds whose inputs changed, for the platform, each with its reason.

    The payments that the host did not wait for stay left out. A round that cannot be computed is logged, and waits.
    """
    found = []
    for round_ in Round.objects.filter(state=State.PROVISIONAL).select_related("host", "register"):
        before = latest(round_)
        if before is None:
            continue
        try:
            computed = compute_result(
                round=round_, reason=what_happened(round_, before.at), without_late=True
            )
        except Refusal as refusal:
            log.exception("not computed again", round=round_.slug, why=str(refusal))
            continue
        if computed != before:
            found.append(computed)
    return found


def what_happened(round: Round, since: datetime) -> str:  # noqa: A002  (the word of the domain)
    """What changed the inputs of the round's result since then (UTC), in the platform's language."""
    with override(settings.LANGUAGE_CODE):
        told = [*_projects(round, since), *_payments(round, since), *_voices(round, since)]
        return " ".join([_("Computed again by the platform."), *(told or [_("Its inputs have changed.")])])


def _projects(round: Round, since: datetime) -> list[str]:  # noqa: A002
    gone = Project.objects.filter(round=round, pk__in=_subjects(Project, since, "withdraw_project"))
    return [
        _("The project “{project}” was withdrawn.").format(project=name)
        for name in gone.order_by("name", "pk").values_list("name", flat=True)
    ]


def _payments(round: Round, since: datetime) -> list[str]:  # noqa: A002
    def number(*verbs: str) -> int:
        return Payment.objects.filter(pledge__round=round, pk__in=_subjects(Payment, since, *verbs)).count()

    told = []
    if contested := number("payment_disputed"):
        told.append(
            ngettext(
                "{number} payment was contested with the bank.",
                "{number} payments were contested with the bank.",
                contested,
            ).format(number=contested)
        )
    if won := number("payment_won"):
        told.append(
            ngettext(
                "{number} contested payment counts again.", "{number} contested payments count again.", won
            ).format(number=won)
        )
    if sent_back := number("refund_payment", "payment_refunded"):
        told.append(
            ngettext(
                "Gifts of {number} payment were sent back.",
                "Gifts of {number} payments were sent back.",
                sent_back,
            ).format(number=sent_back)
        )
    return told


def _voices(round: Round, since: datetime) -> list[str]:  # noqa: A002
    gone = Certificate.objects.filter(register=round.register, revoked_at__gt=since).count()
    if not gone:
        return []
    return [
        ngettext("{number} voice was taken back.", "{number} voices were taken back.", gone).format(
            number=gone
        )
    ]


def _subjects(model: type[Project | Payment], since: datetime, *verbs: str) -> list[str]:
    """The keys of those to whom something of that kind happened."""
    label = model._meta.label_lower  # noqa: SLF001  (Django's documented door to a model's name)
    happened = Event.objects.filter(subject_type=label, verb__in=verbs, at__gt=since)
    return list(happened.values_list("subject_id", flat=True).distinct())
