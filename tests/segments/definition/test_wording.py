"""Every kind, filter and operator has words of its own in every language, with its literals."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from segments.definition import consent_grammar, words
from segments.definition.conditions.metric import ProfileMetric
from segments.definition.conditions.predictive import DATES, ProfilePredictiveAnalytics
from segments.definition.fields import DateText, FieldType, Number, Scalar, Structure
from segments.definition.operators import CalendarMonth, filters
from segments.definition.tree import Condition, kinds
from tests.segments.definition.sentences import LANGUAGES, KeysAreNames
from tests.segments.variants import as_condition, condition_variants, filter_variants, literals


def mentioned(type_: FieldType, value: Any) -> str:
    """How the active language writes a literal."""
    if isinstance(type_, DateText):
        return words.date_text(value)
    if isinstance(type_, Scalar):
        return words.truth(value) if isinstance(value, bool) else _plain(value)
    return _plain(value)


def _plain(value: Any) -> str:
    return words.number(value) if isinstance(value, int | float) else value


def missing(words_: str, structure: Structure) -> list[str]:
    """The literals that are missing in a sentence; numbers written as words are not missing."""
    return [
        mentioned(type_, value)
        for type_, value in literals(structure)
        if mentioned(type_, value) not in words_
        and not (isinstance(type_, Number) and words.percent(value) in words_)
        and not (isinstance(type_, Number) and value in (0, 1))
    ]


def named_in_words(condition: Condition) -> bool:
    """Whether a sentence names the point by its label, or the choice by its words."""
    texts = {value for _type, value in literals(condition)}
    return "Boston" in texts or "likely_female" in texts


def meaning(condition: Condition) -> Condition:
    """The condition without what plays no part in it."""
    if isinstance(condition, ProfilePredictiveAnalytics) and condition.dimension in dict(DATES):
        return replace(condition, dimension=condition.column_name)
    if isinstance(condition, ProfileMetric) and condition.measurement == "count":
        return replace(condition, measurement_property=None)
    return condition


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("type_", "operator"), list(filters))
def test_every_operator_has_a_phrase_with_its_literals(
    type_: str, operator: str, language: str
) -> None:
    cls = filters[type_, operator]
    with translation.override(language):
        for variant in filter_variants(cls, operator):
            condition = {"type": "profile-property", "property": "title", "filter": variant}
            structure = as_condition(condition)
            words_ = structure.sentence(KeysAreNames())
            if cls is not CalendarMonth:
                assert not missing(words_, structure)
            assert "%" not in words_


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_filters_share_a_phrase(language: str) -> None:
    variants = defaultdict(list)
    with translation.override(language):
        for (_type, operator), cls in filters.items():
            for variant in filter_variants(cls, operator):
                filter = as_condition(
                    {"type": "profile-property", "property": "title", "filter": variant}
                )
                variants[filter.sentence(KeysAreNames())].append(variant)
    assert not [sharing for sharing in variants.values() if len(sharing) > 1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(kinds))
def test_every_kind_has_a_sentence_with_its_literals(name: str, language: str) -> None:
    variants = {meaning(variant) for variant in condition_variants(name)}
    assert variants, f"{name} has no examples"
    by_sentence: dict[str, list[Condition]] = defaultdict(list)
    with translation.override(language):
        for variant in variants:
            sentence = variant.sentence(KeysAreNames())
            by_sentence[sentence].append(variant)
            if not named_in_words(variant) and CalendarMonth not in _filters(variant):
                assert not missing(sentence, variant)
            assert "%(" not in sentence
    assert not [sharing for sharing in by_sentence.values() if len(sharing) > 1]


def _filters(structure: Any) -> set[type]:
    if isinstance(structure, Structure):
        below = [getattr(structure, field.name) for field in structure.declared()]
        return {type(structure)}.union(*map(_filters, below))
    return set().union(*map(_filters, structure)) if isinstance(structure, tuple) else set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_consent_can_be_said(language: str) -> None:
    sentences = set()
    count = 0
    with translation.override(language):
        for channel in ("email", "sms", "push"):
            for can in (True, False):
                for status in consent_grammar.allowed_subscriptions(channel, can):
                    plain: list[dict[str, Any] | None] = [None]
                    if "method" in consent_grammar.allowed_fields(channel, can, status):
                        plain += _methods(channel, can, status)
                    for each in plain:
                        consent = {
                            "channel": channel,
                            "can_receive_marketing": can,
                            "consent_status": {
                                "subscription": status,
                                "filters": [each] if each else None,
                            },
                        }
                        structure = as_condition(
                            {"type": "profile-marketing-consent", "consent": consent}
                        )
                        sentences.add(structure.sentence(KeysAreNames()))
                        count += 1
    assert len(sentences) == count
    assert not [s for s in sentences if "_" in s.replace("constant_contact", "")]


def _methods(channel: str, can: bool, status: str) -> list[dict[str, Any] | None]:
    methods: list[dict[str, Any] | None] = []
    for method, (shape, _required) in consent_grammar.allowed_methods(channel, can, status).items():
        filter_ = {"type": "string", "operator": "in", "value": [shape.partition(":")[2] or "x"]}
        if shape == "equals":
            filter_ = {"type": "string", "operator": "equals", "value": "x"}
        each: dict[str, Any] = {"field": "method", "method": method}
        methods.append(each if shape == "none" else {**each, "filter": filter_})
    return methods


@pytest.mark.parametrize("language", ["sv", "pl"])
@pytest.mark.parametrize("name", sorted(kinds))
def test_no_sentence_is_left_in_english(name: str, language: str) -> None:
    for variant in condition_variants(name):
        with translation.override("en"):
            english = variant.sentence(KeysAreNames())
        with translation.override(language):
            words_ = variant.sentence(KeysAreNames())
        own = {str(value) for _type, value in literals(variant)}
        leftovers = {" who ", " whose ", " have ", " is ", " the ", " not ", " with ", " times "}
        padded = f" {words_} "
        assert words_ != english
        assert not [word for word in leftovers if word in padded and word.strip() not in own]
