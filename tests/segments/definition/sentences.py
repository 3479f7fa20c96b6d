"""Conditions and the sentence of a definition, for tests."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from segments.definition.codec import decode
from segments.definition.describe import describe
from tests.builders.definitions import number

LANGUAGES = ("en", "sv", "pl")
Json = dict[str, Any]


class KeysAreNames:
    def metric(self, key: str) -> str:
        return key

    def group(self, key: str) -> str:
        return key


def sentence(definition: Json, language: str = "en") -> str:
    with translation.override(language):
        return describe(decode(definition), KeysAreNames())


def all_time() -> Json:
    return {"type": "date", "operator": "alltime"}


def has(name: str, filter: Json) -> Json:
    return {"type": "profile-property", "property": name, "filter": filter}


AT_LEAST_ONCE = number("greater-than-or-equal", 1)
