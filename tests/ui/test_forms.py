from uuid import UUID

from django import forms

from ui.filters import SelectFilter
from ui.forms import OperationForm


class Count(OperationForm):
    counted = forms.IntegerField(min_value=0, help_text="Units on the shelf.")


def test_each_form_shown_has_its_own_operation():
    first, second = (UUID(Count()["operation"].value()) for _ in range(2))

    assert first != second


def test_the_operation_comes_back_with_the_form():
    operation = "3f2b4c1e-7a55-4d0c-9b5e-2f1c7f6d9a10"
    form = Count({"counted": "3", "operation": operation, "seq": "7"})

    assert form.is_valid()
    assert form.cleaned_data == {"operation": UUID(operation), "seq": 7, "counted": 3}


def test_a_form_sent_back_with_errors_keeps_its_operation():
    operation = "3f2b4c1e-7a55-4d0c-9b5e-2f1c7f6d9a10"

    assert f'value="{operation}"' in str(Count({"counted": "-1", "operation": operation}))


def test_without_an_operation_each_sending_is_its_own():
    form = Count({"counted": "3"})

    assert form.is_valid()
    assert isinstance(form.cleaned_data["operation"], UUID)


def test_errors_and_hints_are_tied_to_their_field():
    html = str(Count({"counted": "-1"}))

    assert 'aria-describedby="id_counted_helptext id_counted_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<p class="hint" id="id_counted_helptext">' in html
    assert 'id="id_counted_error"' in html
    assert '<label for="id_counted">Counted</label>' in html


def test_options_of_a_select_are_read_once():
    calls = []
    chosen = SelectFilter(lambda: calls.append(1) or [("a", "A")], field_name="name", all_label="All")

    field = chosen.field
    assert field.clean("a") == "a"
    assert [label for _value, label in field.widget.choices] == ["All", "A"]
    assert calls == [1]
