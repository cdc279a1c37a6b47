"""Who can be become, and becoming them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from abonde.demonstration.models import DemonstrationAccount
from abonde.demonstration.second_factor import code_of_the_moment


def accounts(request: HttpRequest) -> HttpResponse:
    """The invented people, with the code that their second factor shows at this moment."""
    _only_in_a_demonstration()
    people = [
        {"account": account, "code": code_of_the_moment(account.person)}
        for account in DemonstrationAccount.objects.select_related("person")
    ]
    return render(request, "demonstration/accounts.html", {"people": people})


@require_POST
def become(request: HttpRequest, person: UUID) -> HttpResponse:
    """Log in as one of the invented people, without a letter or a code."""
    _only_in_a_demonstration()
    account = get_object_or_404(DemonstrationAccount.objects.select_related("person"), pk=person)
    login(request, account.person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(account.address)


def _only_in_a_demonstration() -> None:
    # The address and the table do not exist in production; this is the third lock on the same door.
    if settings.PRODUCTION:
        raise Http404
