"""The pages of one's own account: how I am called, and what is kept about me."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from abonde.matching.refusal import Refusal
from abonde.organisations.permissions import has_second_factor
from abonde.organisations.queries import organisations_of
from abonde.people import personal_data
from abonde.people.actions import delete_account, edit_person
from abonde.people.leaving import hindrances_of
from abonde.people.models import Person
from abonde.web.accounts.forms import PersonForm
from abonde.web.information.processing import told as told_of_people
from abonde.web.wording import sentences
from abonde.web.workspaces import told


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def my_account(request: HttpRequest) -> HttpResponse:
    """Name and language, and the ways to everything else of mine."""
    person = _person(request)
    form = PersonForm(request.POST or None, initial={"name": person.name, "language": person.language})
    if request.method == "POST" and form.is_valid():
        edit_person(person=person, **form.cleaned_data)
        response = redirect("my-account")
        language = form.cleaned_data["language"]
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, secure=settings.LANGUAGE_COOKIE_SECURE, samesite="Lax"
        )
        with override(language):
            messages.success(request, _("Saved."))
        return response
    context = {
        "form": form,
        "memberships": organisations_of(person),
        "has_second_factor": has_second_factor(person),
    }
    return render(request, "accounts/my_account.html", context)


@login_required
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """What is kept about me, why and until when."""
    return render(request, "accounts/my_data.html", {"told": told_of_people()})


@login_required
@never_cache
@require_safe
def my_data_export(request: HttpRequest) -> HttpResponse:
    """All rows about me, as a JSON file."""
    response = JsonResponse(
        personal_data.export(_person(request)),
        encoder=DjangoJSONEncoder,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    response["Content-Disposition"] = 'attachment; filename="abonde.json"'
    return response


@login_required
@never_cache
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "POST"])
def my_account_deletion(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays, and delete the account."""
    person = _person(request)
    if request.method == "POST":
        try:
            delete_account(person=person)
        except Refusal as refusal:
            told(request, refusal)
            return redirect("my-account-deletion")
        logout(request)
        messages.success(request, _("Your account is deleted. Thank you for having been here."))
        return redirect("/")
    hindrances = [said for one in hindrances_of(person) for said in sentences(one)]
    if hindrances:
        return render(request, "accounts/cannot_leave.html", {"hindrances": hindrances})
    context = {
        "title": _("Delete your account?"),
        "sentence": _("You will be logged out everywhere, and nobody can undo it, not even us."),
        "consequences": [
            _("Your name, your e-mail addresses, your passkeys and your codes are erased."),
            _(
                "Your gifts stay with their projects, and count as before: the accounts of a fund cannot be changed."
            ),
            _("Gifts and signatures lead to a random number from then on, not to you."),
            _(
                "Your voice stays used where you used it: a new account with the same address gets no second one."
            ),
        ],
        "action": _("Delete my account for good"),
        "cancel_url": "/mes-donnees/",
        "dangerous": True,
    }
    return render(request, "components/confirm.html", context)


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101  (login_required)
    return request.user
