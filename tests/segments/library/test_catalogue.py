"""The list of ready-made segments in the docs is complete and up to date."""

from __future__ import annotations

from io import StringIO

from django.conf import settings
from django.core.management import call_command

from segments.library.catalogue import catalogue
from segments.library.ready_segment import ready_segments


def test_the_page_in_the_docs_is_the_one_the_command_prints() -> None:
    """When this fails: python manage.py library_catalogue > docs/library-segments.md."""
    printed = StringIO()
    call_command("library_catalogue", stdout=printed)
    page = (settings.BASE_DIR / "docs" / "library-segments.md").read_text(encoding="utf-8")
    assert printed.getvalue() == page


def test_it_has_every_segment() -> None:
    page = catalogue()
    assert [key for key in ready_segments if f"| `{key}` |" not in page] == []
