"""The way through a workspace, in templates."""

from __future__ import annotations

from django import template
from django.template import Context

from abonde.web.workspaces import Link, links_for

register = template.Library()


@register.inclusion_tag("workspaces/links.html", takes_context=True)
def workspace_links(context: Context) -> dict[str, list[Link]]:
    """`{% workspace_links %}`: the rooms of the workspace in which the request is."""
    request = context["request"]
    return {"links": links_for(request)}
