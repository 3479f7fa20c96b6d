"""The catalogue of conditions is complete and up to date."""

from __future__ import annotations

from io import StringIO

from django.conf import settings
from django.core.management import call_command

from segments.definition.catalogue import catalogue
from segments.definition.operators import filters
from segments.definition.tree import kinds


def test_the_page_in_the_docs_is_the_one_the_command_prints() -> None:
    """When this fails: python manage.py condition_catalogue > docs/conditions.md."""
    printed = StringIO()
    call_command("condition_catalogue", stdout=printed)
    page = (settings.BASE_DIR / "docs" / "conditions.md").read_text(encoding="utf-8")
    assert printed.getvalue() == page


def test_it_has_every_kind_with_an_example_and_every_operator() -> None:
    page = catalogue()
    for name, kind in kinds.items():
        assert kind.examples, f"{name} has no example"
        assert f"### {kind.title}\n\n`{name}`" in page
    for type_, operator in filters:
        section = page.partition(f"### {type_}\n")[2].partition("###")[0]
        assert f"| `{operator}` |" in section
