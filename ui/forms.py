"""Forms that say what is wrong beside the field, and operations that happen once."""

from typing import Any
from uuid import UUID, uuid4

from django import forms


class UiFormMixin:
    """Rendering: `{{ form }}` shows every field with label, hint and errors tied to it."""

    template_name = "forms/form.html"
    required_css_class = "required"
    error_css_class = "invalid"


class Form(UiFormMixin, forms.Form):
    pass


class ModelForm(UiFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    pass


class OperationForm(Form):
    """A form whose effect must happen once, however often it is sent.

    `operation` is made when the form is shown and comes back with it: pass it on as the effect's reference.
    `seq` is the state the reader saw (initial={"seq": …}); refuse where it has moved on.
    """

    operation = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)
    seq = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_operation(self) -> UUID:
        """A client that sends none asks for a new operation each time."""
        sent: UUID | None = self.cleaned_data["operation"]
        return sent or uuid4()


def error_summary(form: forms.BaseForm) -> list[dict[str, Any]]:
    """Errors with the field each belongs to, for a summary above a long form."""
    return [
        {"id": form[name].id_for_label, "label": form[name].label, "errors": errors}
        for name, errors in form.errors.items()
        if name in form.fields
    ]
