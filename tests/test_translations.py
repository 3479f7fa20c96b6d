"""Swedish and Polish are complete: every text in code and templates, in every plural form.

When this fails: make messages, then translate what is empty or fuzzy, then make messages again.
"""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Node, Template, engines
from django.template.base import FilterExpression
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from tests.po_file import Message, read_po

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


def in_code(text: str) -> Iterator[Key]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        texts = [text for text in texts if isinstance(text, str)]
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
            said = node.filter_expression.var.literal
            if isinstance(said, str):
                yield _context(node.message_context), str(said), ""
        elif isinstance(node, BlockTranslateNode):
            singular = _rendered(node, node.singular)
            plural = _rendered(node, node.plural) if node.plural else ""
            yield _context(node.message_context), singular, plural
    for quote, text in re.findall(r"""\b_\((["'])(.*?)\1\)""", template.source):
        yield "", text.replace("\\" + quote, quote), ""


def _rendered(node: BlockTranslateNode, tokens: object) -> str:
    text, _variables = node.render_token_list(tokens)
    return re.sub(r"\s*\n\s*", " ", text.strip()) if node.trimmed else text


def _context(expression: FilterExpression | None) -> str:
    return str(expression.var) if expression else ""


def written() -> set[Key]:
    """Every text that the project marks for translation."""
    found: set[Key] = set()
    for app in APPS:
        for file in (settings.BASE_DIR / app).rglob("*.py"):
            found |= set(in_code(file.read_text(encoding="utf-8")))
    folder = settings.BASE_DIR / "templates"
    for file in folder.rglob("*.*"):
        if file.suffix in {".html", ".txt"}:
            template = engines["django"].get_template(str(file.relative_to(folder))).template
            found |= set(in_template(template))
    return {(context, singular.replace("%%", "%"), plural) for context, singular, plural in found}


def by_key(messages: list[Message]) -> dict[Key, Message]:
    return {(m.context, m.singular.replace("%%", "%"), m.plural): m for m in messages}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    known = by_key(read_po(catalogue(language)))
    texts = written()
    assert ("", "People %(clauses)s.", "") in texts
    assert not sorted(texts - known.keys())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_empty_or_fuzzy(language: str) -> None:
    forms = {"sv": 2, "pl": 3}[language]
    for message in read_po(catalogue(language)):
        assert not message.fuzzy, message.singular
        expected = set(range(forms if message.plural else 1))
        assert message.translations.keys() == expected, message.singular
        assert all(message.translations.values()), message.singular


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders(language: str) -> None:
    for message in read_po(catalogue(language)):
        for form, text in message.translations.items():
            wanted = placeholders(message.plural or message.singular)
            if form == 0 and message.plural:
                # One of something may go without its number.
                assert placeholders(text) <= wanted, message.singular
            else:
                assert placeholders(text) == wanted, message.singular


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    file = catalogue(language)
    with file.with_suffix(".mo").open("rb") as compiled:
        catalogue_ = gettext.GNUTranslations(compiled)
    for message in read_po(file):
        for form, text in message.translations.items():
            count = next(n for n in range(100) if catalogue_.plural(n) == form)  # type: ignore[attr-defined]
            said = (
                catalogue_.npgettext(message.context, message.singular, message.plural, count)
                if message.plural and message.context
                else catalogue_.ngettext(message.singular, message.plural, count)
                if message.plural
                else catalogue_.pgettext(message.context, message.singular)
                if message.context
                else catalogue_.gettext(message.singular)
            )
            assert said == text


def test_texts_in_templates_are_found() -> None:
    template = engines["django"].from_string(
        '{% translate "One" %}{% translate "Two" context "c" %}{% translate name %}'
        '{% include _("Three") %}{{ _("Four") }}{{ name|default:_("Five") }}'
        "{% blocktranslate count n=n trimmed %}\n  {{ n }} six\n{% plural %}\n"
        "  {{ n }} sixes\n{% endblocktranslate %}"
    )
    assert set(in_template(template.template)) == {
        ("", "One", ""),
        ("c", "Two", ""),
        ("", "Three", ""),
        ("", "Four", ""),
        ("", "Five", ""),
        ("", "%(n)s six", "%(n)s sixes"),
    }
