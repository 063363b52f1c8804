"""Sentences in the database are English and read in the reader's language."""

import pytest
from django.utils.translation import gettext_lazy, override

from ui.stored import stored, together, told, without


def test_a_sentence_is_stored_in_english_whoever_writes_it():
    with override("es"):
        assert str(gettext_lazy("Pushes")) != "Pushes"
        assert stored(gettext_lazy("Pushes")) == "Pushes"


def test_it_is_read_in_the_language_of_the_reader():
    text = stored("Disconnected by %(person)s.", person="Ana “la jefa” 100 %")
    assert told(text) == "Disconnected by Ana “la jefa” 100 %."
    with override("es"):
        assert told(text) != "Disconnected by Ana “la jefa” 100 %."
        assert "Ana “la jefa” 100 %" in told(text)


def test_sentences_together_are_translated_one_by_one():
    with override("pt-br"):
        assert told(together("Pushes", "", "Orders")) == f"{told('Pushes')} {told('Orders')}"
        assert told("Pushes") != "Pushes"


@pytest.mark.parametrize("words", ["", '["a", 1]', '["a"', "item.price.not_modifiable 400 %(x)s", '["", {}, {}]'])
def test_anything_else_stays_as_it_is(words):
    assert told(words) == words


def test_one_of_several_sentences_is_taken_out_whatever_its_values():
    kept = together(stored("%(many)s went", many=3), "Paused.")

    assert without(together(kept, stored("%(many)s are left", many=2)), "%(many)s are left") == kept
    assert without("", "Paused.") == ""
