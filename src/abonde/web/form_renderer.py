"""Forms in the house style: `{{ form }}` writes the summary of errors, then each field with label, help and error."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class HouseForms(TemplatesSetting):
    """The FORM_RENDERER of the platform; widgets are Django's own, but for those in `abonde.web.widgets`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
