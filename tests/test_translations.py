"""Swedish and Polish are complete: every text in code and templates, in every plural form.

When this fails: make messages, then translate what is empty or fuzzy.
"""

from __future__ import annotations

import ast
import gettext
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Engine, Node, Template, engines
from django.template.base import FilterExpression, Token
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from polib import POEntry, pofile

from segmenter.kernel.catalogues import compile_catalogues

LANGUAGES = ["sv", "pl"]
APPS = ["segmenter", "profiles", "segments", "predictions", "forms_targeting"]
Key = tuple[str, str, str]
"""Context, singular, plural."""


def catalogue(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|%[sd]", text))


_PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_PLURAL = {"ngettext", "ngettext_lazy"}
_CONTEXT = {"pgettext", "pgettext_lazy"}
_CONTEXT_PLURAL = {"npgettext", "npgettext_lazy"}
_ALL = _PLAIN | _PLURAL | _CONTEXT | _CONTEXT_PLURAL


def in_code(text: str) -> Iterator[Key]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.alias) and node.name in _ALL:
            # Neither this test nor xgettext knows a text under a name of one's own.
            assert node.asname in (None, "_"), f"{node.name} as {node.asname}"
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        values = [a.value for a in node.args if isinstance(a, ast.Constant)]
        texts = [value for value in values if isinstance(value, str)]
        if name in _PLAIN and len(texts) == 1:
            yield "", texts[0], ""
        elif name in _PLURAL and len(texts) >= 2:
            yield "", texts[0], texts[1]
        elif name in _CONTEXT and len(texts) == 2:
            yield texts[0], texts[1], ""
        elif name in _CONTEXT_PLURAL and len(texts) >= 3:
            yield texts[0], texts[1], texts[2]


def in_template(template: Template) -> Iterator[Key]:
    for node in template.nodelist.get_nodes_by_type(Node):
        if isinstance(node, TranslateNode):
            literal = node.filter_expression.var.literal
            if isinstance(literal, str):
                yield _context(node.message_context), str(literal), ""
        elif isinstance(node, BlockTranslateNode):
            singular = _rendered(node, node.singular)
            plural = _rendered(node, node.plural) if node.plural else ""
            yield _context(node.message_context), singular, plural
    for quote, text in re.findall(r"""\b_\((["'])(.*?)\1\)""", template.source):
        yield "", text.replace("\\" + quote, quote), ""


def _rendered(node: BlockTranslateNode, tokens: list[Token]) -> str:
    text, _variables = node.render_token_list(tokens)
    return re.sub(r"\s*\n\s*", " ", text.strip()) if node.trimmed else text


def _context(expression: FilterExpression | None) -> str:
    return str(expression.var) if expression else ""


def _django() -> Engine:
    engine: Engine = vars(engines["django"])["engine"]
    return engine


def texts_in_sources() -> set[Key]:
    """Every text that the project marks for translation."""
    keys: set[Key] = set()
    for app in APPS:
        for file in (settings.BASE_DIR / app).rglob("*.py"):
            keys |= set(in_code(file.read_text(encoding="utf-8")))
    folder = settings.BASE_DIR / "templates"
    for file in folder.rglob("*.*"):
        if file.suffix in {".html", ".txt"}:
            template = _django().get_template(str(file.relative_to(folder)))
            keys |= set(in_template(template))
    return {(context, singular.replace("%%", "%"), plural) for context, singular, plural in keys}


def read_po(file: Path) -> list[POEntry]:
    return [entry for entry in pofile(str(file), encoding="utf-8") if not entry.obsolete]


def by_key(messages: list[POEntry]) -> dict[Key, POEntry]:
    return {(m.msgctxt or "", m.msgid.replace("%%", "%"), m.msgid_plural): m for m in messages}


def forms_of(message: POEntry) -> dict[int, str]:
    """The translation for each plural form; a message without a plural has one, 0."""
    return message.msgstr_plural if message.msgid_plural else {0: message.msgstr}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    messages = by_key(read_po(catalogue(language)))
    texts = texts_in_sources()
    assert ("", "People %(clauses)s.", "") in texts
    assert not sorted(texts - messages.keys())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_empty_or_fuzzy(language: str) -> None:
    forms = {"sv": 2, "pl": 3}[language]
    for message in read_po(catalogue(language)):
        assert not message.fuzzy, message.msgid
        expected = set(range(forms if message.msgid_plural else 1))
        assert forms_of(message).keys() == expected, message.msgid
        assert all(forms_of(message).values()), message.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders(language: str) -> None:
    for message in read_po(catalogue(language)):
        for form, text in forms_of(message).items():
            expected = placeholders(message.msgid_plural or message.msgid)
            if form == 0 and message.msgid_plural:
                # One of something may go without its number.
                assert placeholders(text) <= expected, message.msgid
            else:
                assert placeholders(text) == expected, message.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    file = catalogue(language)
    with file.with_suffix(".mo").open("rb") as compiled:
        texts = gettext.GNUTranslations(compiled)
    for message in read_po(file):
        for form, text in forms_of(message).items():
            count = next(n for n in range(100) if texts.plural(n) == form)  # type: ignore[attr-defined]
            assert text == (
                texts.npgettext(message.msgctxt, message.msgid, message.msgid_plural, count)
                if message.msgid_plural and message.msgctxt
                else texts.ngettext(message.msgid, message.msgid_plural, count)
                if message.msgid_plural
                else texts.pgettext(message.msgctxt, message.msgid)
                if message.msgctxt
                else texts.gettext(message.msgid)
            )


@pytest.fixture
def swedish(tmp_path: Path) -> Path:
    """A folder of catalogues with one that was never compiled; its .po file."""
    file = tmp_path / "sv" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    shutil.copyfile(catalogue("sv"), file)
    return file


def text_of(file: Path, text: str) -> str:
    with file.open("rb") as compiled:
        return gettext.GNUTranslations(compiled).gettext(text)


def test_a_catalogue_is_compiled_when_it_is_missing_and_then_not_again(swedish: Path) -> None:
    folder, compiled = swedish.parents[2], swedish.with_suffix(".mo")
    assert compile_catalogues([folder]) == [compiled]
    assert compile_catalogues([folder]) == []
    assert text_of(compiled, "Segments") == "Segment"
    assert sorted(swedish.parent.iterdir()) == [compiled, swedish]


@pytest.mark.parametrize("days", [-400, 400])
def test_a_catalogue_of_another_time_is_compiled_again(swedish: Path, days: int) -> None:
    compile_catalogues([swedish.parents[2]])
    messages = pofile(str(swedish))
    entry = messages.find("Segments")
    assert isinstance(entry, POEntry)
    entry.msgstr = "Urval"
    messages.save()
    moment = swedish.stat().st_mtime + days * 86_400
    os.utime(swedish, (moment, moment))
    assert compile_catalogues([swedish.parents[2]]) == [swedish.with_suffix(".mo")]
    assert text_of(swedish.with_suffix(".mo"), "Segments") == "Urval"


def test_a_catalogue_that_cannot_be_read_leaves_the_last_one_and_is_logged(
    swedish: Path, caplog: pytest.LogCaptureFixture
) -> None:
    compile_catalogues([swedish.parents[2]])
    swedish.write_text('msgid "Segments"\nno keyword\n', encoding="utf-8")
    assert compile_catalogues([swedish.parents[2]]) == []
    assert text_of(swedish.with_suffix(".mo"), "Segments") == "Segment"
    assert str(swedish) in caplog.text


def test_texts_in_templates_are_found() -> None:
    template = _django().from_string(
        '{% translate "One" %}{% translate "Two" context "c" %}{% translate name %}'
        '{% include _("Three") %}{{ _("Four") }}{{ name|default:_("Five") }}'
        "{% blocktranslate count n=n trimmed %}\n  {{ n }} six\n{% plural %}\n"
        "  {{ n }} sixes\n{% endblocktranslate %}"
    )
    assert set(in_template(template)) == {
        ("", "One", ""),
        ("c", "Two", ""),
        ("", "Three", ""),
        ("", "Four", ""),
        ("", "Five", ""),
        ("", "%(n)s six", "%(n)s sixes"),
    }
