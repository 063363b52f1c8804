"""Every text is translated, and what is compiled is what was translated."""

import gettext
import re
from ast import literal_eval
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

LOCALES = ["es", "pt_BR"]
FIELD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?) (\".*\")")


@dataclass
class Entry:
    """One text of a .po file: what is looked up, and its translations by plural form."""

    flags: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        context = self.texts.get("msgctxt")
        return self.texts["msgid"] if context is None else f"{context}\x04{self.texts['msgid']}"

    @property
    def translations(self) -> list[str]:
        return [text for name, text in self.texts.items() if name.startswith("msgstr")]


def entries_of(path: Path) -> Iterator[Entry]:
    """The entries of a .po file but its header; texts that are no longer used are left out."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        entry = read(line for line in block.splitlines() if not line.startswith("#~"))
        if entry.texts.get("msgid"):
            yield entry


def read(lines: Iterator[str]) -> Entry:
    entry, name = Entry(), ""
    for line in lines:
        if line.startswith("#,"):
            entry.flags |= {flag.strip() for flag in line[2:].split(",")}
        elif found := FIELD.fullmatch(line):
            name = found[1]
            entry.texts[name] = literal_eval(found[2])
        elif line.startswith('"'):
            entry.texts[name] += literal_eval(line)
    return entry


def file_of(locale: str, suffix: str) -> Path:
    return Path(settings.BASE_DIR) / "locale" / locale / "LC_MESSAGES" / f"django.{suffix}"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_translated_and_none_is_a_guess(locale):
    entries = list(entries_of(file_of(locale, "po")))

    assert len(entries) > 1000
    assert [entry.key for entry in entries if not all(entry.translations)] == []
    assert [entry.key for entry in entries if "fuzzy" in entry.flags] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_compiled_file_says_what_the_translations_say(locale):
    with file_of(locale, "mo").open("rb") as compiled:
        catalog = gettext.GNUTranslations(compiled)._catalog
    written = {}
    for entry in entries_of(file_of(locale, "po")):
        if "msgid_plural" in entry.texts:
            written |= {(entry.key, form): text for form, text in enumerate(entry.translations)}
        else:
            written[entry.key] = entry.translations[0]

    assert {key: text for key, text in catalog.items() if key} == written


@pytest.mark.parametrize("locale", LOCALES)
def test_both_languages_have_the_same_texts(locale):
    first = {entry.key for entry in entries_of(file_of(LOCALES[0], "po"))}

    assert {entry.key for entry in entries_of(file_of(locale, "po"))} == first


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        (
            "es",
            {
                "Today": "Hoy",
                "Listings": "Publicaciones",
                "Needs attention": "Requiere atención",
                "Processes": "Procesos",
            },
        ),
        (
            "pt-br",
            {
                "Today": "Hoje",
                "Listings": "Anúncios",
                "Needs attention": "Precisa de atenção",
                "Processes": "Processos",
            },
        ),
    ],
)
def test_today_is_shown_in_the_language_of_staff(settings, client, owner, language, headings):
    settings.ROOT_URLCONF = "config.urls"
    client.force_login(owner)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    with translation.override(language):
        page = client.get(reverse("dashboard:today")).content.decode()
        told = {heading: translation.gettext(heading) for heading in headings}

    assert f'lang="{language}"' in page.lower()
    assert told == headings
    assert [text for text in told.values() if text not in page] == []
