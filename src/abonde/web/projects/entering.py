"""Who may enter the pages of those who carry a project."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404

from abonde.people.models import Person
from abonde.projects.models import Project
from abonde.projects.queries import held_by

Rest = ParamSpec("Rest")


class PersonRequest(HttpRequest):
    """The request of somebody who has logged in."""

    user: Person


ProjectView = Callable[Concatenate[PersonRequest, Project, Rest], HttpResponse]
View = Callable[..., HttpResponseBase]


def holder_required(view: ProjectView[Rest]) -> View:
    """For views `(request, project, …)` at `…/<pk>/`: to others than its holders the project does not exist (404)."""

    @login_required
    @wraps(view)
    def enter(request: PersonRequest, pk: int, *rest: Rest.args, **more: Rest.kwargs) -> HttpResponse:
        return view(request, get_object_or_404(held_by(request.user), pk=pk), *rest, **more)

    return enter
