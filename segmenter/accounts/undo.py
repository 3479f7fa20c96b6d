"""A message of the next page that something was done, with a button that undoes it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest


def say_with_undo(request: HttpRequest, words: str, url: str) -> None:
    """Show words with the button "Undo", which posts to `url`; they stay until they are closed."""
    messages.success(request, words, extra_tags=url)
