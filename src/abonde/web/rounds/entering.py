"""Which round an agent may see in their workspace: the host its own, the others those that invite them."""

from __future__ import annotations

from django.http import Http404

from abonde.organisations.models import Kind, Role
from abonde.rounds.models import Party, Round
from abonde.rounds.queries import part_in
from abonde.web.workspaces import AgentRequest


def round_of_trio(request: AgentRequest, slug: str) -> tuple[Round, Party | None]:
    """The round, and the organisation's part in it (None for its host). Raises Http404 for anybody else's."""
    found = Round.objects.select_related("host", "register__owner").filter(slug=slug).first()
    if found is None:
        raise Http404
    if found.host_id == request.organisation.pk:
        return found, None
    party = part_in(found, request.organisation)
    if party is None:
        raise Http404
    return found, party


def manages(request: AgentRequest) -> bool:
    """Whether the agent may decide for the organisation."""
    return request.role == Role.MANAGER


def is_host(request: AgentRequest) -> bool:
    """Whether the workspace is a host's."""
    return request.organisation.kind == Kind.HOST
