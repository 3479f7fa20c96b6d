"""The law: every sentence that is printed reads back as the definition that it was printed from."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings

from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.tree import All, kinds
from segments.definition.tree import Any as AnyOf
from segments.sentences.exact import read_sentence
from segments.sentences.vocabulary import Vocabulary
from tests.draws import draws
from tests.oracle import pools
from tests.oracle.strategies import definitions
from tests.segments.definition.sentences import LANGUAGES, Json
from tests.segments.sentences.hostile import hostile
from tests.segments.sentences.spellings import one_spelling
from tests.segments.variants import condition_variants

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Shop:
    """An account whose metrics, lists and segments have these names; a key is its own name."""

    def __init__(self, metrics: list[str], groups: list[str]) -> None:
        self.metrics = dict.fromkeys(metrics)
        self.lists = dict.fromkeys(groups)
        self.segments: dict[str, Any] = {}

    def metric(self, key: str) -> str:
        return key

    def group(self, key: str) -> str:
        return key


DRAWN = Shop(pools.METRICS, [*pools.LISTS, *pools.SEGMENTS])


def check_law(definition: Json, shop: Shop) -> None:
    tree = decode(definition)
    for language in LANGUAGES:
        with translation.override(language):
            sentence = describe(tree, shop, complete=True)
            back = read_sentence(sentence, Vocabulary(shop))
        assert back is not None, f"{language}: {sentence}\n{json.dumps(definition)}"
        assert one_spelling(decode(back)) == one_spelling(tree), f"{sentence}\n{json.dumps(back)}"


@settings(deadline=None, max_examples=draws(150, nightly=20_000))
@given(definition=definitions(NOON, "Europe/Stockholm", pools.SEGMENTS))
def test_every_sentence_reads_back_as_its_definition(definition: Json) -> None:
    check_law(definition, DRAWN)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(kinds))
def test_every_choice_of_a_kind_reads_back(name: str, language: str) -> None:
    metrics = ["Opened Email", "Received Email", "Placed Order", "Clicked Email", "Submitted Form"]
    shop = Shop(metrics, ["Newsletter", "Almost there"])
    with translation.override(language):
        vocabulary = Vocabulary(shop)
        for condition in condition_variants(name):
            tree = All((AnyOf((condition,)),))
            sentence = describe(tree, shop, complete=True)
            back = read_sentence(sentence, vocabulary)
            assert back is not None, sentence
            assert one_spelling(decode(back)) == one_spelling(tree), sentence


@settings(deadline=None, max_examples=draws(100, nightly=5_000))
@given(case=hostile(NOON, "Europe/Stockholm"))
def test_names_and_texts_that_look_like_the_grammar_read_back(
    case: tuple[Json, list[str], list[str]],
) -> None:
    definition, metrics, groups = case
    check_law(definition, Shop(metrics, groups))
