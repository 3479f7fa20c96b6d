"""Rules: every kind has attributes, a sentence, and visits for which it holds or does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_targeting.attributes import Kind
from forms_targeting.rules.rule import read_rules, rule_kinds, write_rules
from forms_targeting.visit import CartItem, Person, Visit
from segmenter.kernel.errors import Invalid
from tests.draws import draws


def person(*segments: str, lists: str = "", subscribed: str = "") -> Visit:
    channels, keys = frozenset(subscribed.split()), frozenset(lists.split())
    return Visit(person=Person(1, frozenset(segments), keys, channels))


UNKNOWN = Visit()
TEA = Visit(cart_items=(CartItem("SKU-1", "Green Tea", 2, 5), CartItem("SKU-2", "Cup", 1, 9)))
Case = tuple[dict[str, Any], Visit, bool]
CASES: dict[str, list[Case]] = {
    "segments": [
        ({"segments": ["vip123"]}, person("vip123"), True),
        ({"segments": ["vip123", "new123"]}, person("new123"), True),
        ({"segments": ["vip123"]}, person("new123"), False),
        ({"segments": ["vip123"]}, UNKNOWN, False),
        ({"operator": "none", "segments": ["vip123"]}, person("vip123"), False),
        ({"operator": "none", "segments": ["vip123"]}, person("new123"), True),
        ({"operator": "none", "segments": ["vip123"]}, UNKNOWN, True),
    ],
    "lists": [
        ({"lists": ["news12"]}, person(lists="news12"), True),
        ({"lists": ["news12"]}, person("news12"), False),
        ({"lists": ["news12"]}, UNKNOWN, False),
        ({"operator": "none", "lists": ["news12", "old123"]}, person(lists="old123"), False),
        ({"operator": "none", "lists": ["news12"]}, person(), True),
        ({"operator": "none", "lists": ["news12"]}, UNKNOWN, True),
    ],
    "identity": [
        ({}, person(), True),
        ({}, UNKNOWN, False),
        ({"visitors": "unknown"}, person(), False),
        ({"visitors": "unknown"}, UNKNOWN, True),
    ],
    "subscription": [
        ({}, person(subscribed="email"), False),
        ({}, person(subscribed="sms"), True),
        ({}, UNKNOWN, True),
        ({"operator": "subscribed", "channel": "sms"}, person(subscribed="email sms"), True),
        ({"operator": "subscribed", "channel": "sms"}, person(subscribed="email"), False),
        ({"operator": "subscribed"}, UNKNOWN, False),
    ],
    "url": [
        ({"texts": ["/sale"]}, Visit(url="https://shop.example/en/Sale?x=1"), True),
        ({"texts": ["/sale"]}, Visit(url="https://shop.example/"), False),
        ({"texts": ["/sale"]}, Visit(), False),
        (
            {"operator": "not_contains", "texts": ["/cart", "/checkout"]},
            Visit(url="https://shop.example/checkout"),
            False,
        ),
        (
            {"operator": "not_contains", "texts": ["/cart"]},
            Visit(url="https://shop.example/tea"),
            True,
        ),
        ({"operator": "not_contains", "texts": ["/cart"]}, Visit(url="not an address"), False),
        ({"operator": "equals", "texts": ["/tea"]}, Visit(url="https://shop.example/tea/"), True),
        ({"operator": "equals", "texts": ["/"]}, Visit(url="https://shop.example"), True),
        ({"operator": "not_equals", "texts": ["/"]}, Visit(url="https://shop.example/"), False),
    ],
    "referrer": [
        ({"texts": ["google."]}, Visit(referrer="https://www.google.com/"), True),
        ({"texts": ["google."]}, Visit(referrer="https://bing.com/"), False),
        ({"texts": ["google."]}, Visit(), False),
        ({"operator": "not_contains", "texts": ["google."]}, Visit(), True),
        (
            {"operator": "equals", "texts": ["*.google.com/*"]},
            Visit(referrer="https://www.google.com/search?q=tea"),
            True,
        ),
    ],
    "utm": [
        ({"texts": ["Spring*"]}, Visit(utm={"campaign": "spring-2026"}), True),
        ({"texts": ["spring"]}, Visit(utm={"campaign": "spring-2026"}), False),
        (
            {"operator": "contains", "texts": ["2026"]},
            Visit(utm={"campaign": "spring-2026"}),
            True,
        ),
        ({"parameter": "source", "texts": ["mail"]}, Visit(utm={"campaign": "mail"}), False),
        ({"parameter": "medium", "texts": ["e-mail"]}, Visit(utm={"medium": " E-Mail "}), True),
        ({"parameter": "term", "texts": ["*"]}, Visit(utm={"term": "tea"}), True),
        ({"parameter": "term", "texts": ["*"]}, Visit(), False),
        ({"parameter": "content", "operator": "not_equals", "texts": ["a"]}, Visit(), True),
    ],
    "country": [
        ({"countries": ["SE"]}, Visit(country="SE"), True),
        ({"countries": ["Sweden", "no"]}, Visit(country="no"), True),
        ({"countries": ["SE"]}, Visit(country="DK"), False),
        ({"countries": ["SE"]}, Visit(), False),
        ({"countries": ["SE"]}, Visit(country="XX"), False),
        ({"operator": "none", "countries": ["SE"]}, Visit(country="SE"), False),
        ({"operator": "none", "countries": ["SE"]}, Visit(), True),
    ],
    "device": [
        ({"devices": ["phone", "tablet"]}, Visit(device="tablet"), True),
        ({"devices": ["phone"]}, Visit(device="desktop"), False),
    ],
    "language": [
        ({"languages": ["sv"]}, Visit(language="sv-SE"), True),
        ({"languages": ["sv_se"]}, Visit(language="SV-SE"), True),
        ({"languages": ["pt-BR"]}, Visit(language="pt-PT"), False),
        ({"languages": ["sv"]}, Visit(language="svx"), False),
        ({"languages": ["sv"]}, Visit(), False),
        ({"operator": "none", "languages": ["sv"]}, Visit(language="sv-FI"), False),
        ({"operator": "none", "languages": ["sv"]}, Visit(), True),
    ],
    "cart_value": [
        ({"value": 50}, Visit(cart_value=50), True),
        ({"value": 50}, Visit(cart_value=49.99), False),
        ({"value": 50}, Visit(), False),
        ({"operator": "less_than", "value": 50}, Visit(cart_value=0), True),
        ({"operator": "less_than", "value": 50}, Visit(cart_value=50), False),
        ({"operator": "less_than", "value": 50}, Visit(), False),
    ],
    "cart_items": [
        ({"texts": ["tea"]}, TEA, True),
        ({"texts": ["sku-2"]}, TEA, True),
        ({"texts": ["tea"], "quantity": 2}, TEA, True),
        ({"texts": ["tea"], "quantity": 3}, TEA, False),
        ({"texts": ["tea", "cup"], "quantity": 3}, TEA, True),
        ({"texts": ["coffee"]}, TEA, False),
        ({"texts": ["tea"]}, Visit(), False),
        ({"operator": "none", "texts": ["tea"]}, TEA, False),
        ({"operator": "none", "texts": ["coffee"]}, TEA, True),
        ({"operator": "none", "texts": ["tea"]}, Visit(), True),
    ],
}
ROWS = [
    pytest.param(name, *case, id=f"{name} {number}")
    for name, cases in CASES.items()
    for number, case in enumerate(cases)
]


class Names:
    """Names of segments and lists: their keys in capitals."""

    def segment(self, key: str) -> str:
        return key.upper()

    def list(self, key: str) -> str:
        return key.upper()


def test_every_kind_of_rule_has_visits_inside_and_outside() -> None:
    assert set(CASES) == set(rule_kinds)
    for name, cases in CASES.items():
        assert {holds for _values, _visit, holds in cases} == {True, False}, name


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_kind_of_rule_has_labels_and_a_sentence_for_each_choice(name: str) -> None:
    kind = rule_kinds[name]
    assert str(kind.label)
    assert kind.attributes
    assert all(str(attribute.label) for attribute in kind.attributes)
    sentences = set()
    choices = kind.attributes[0].choices if kind.attributes[0].kind is Kind.CHOICE else ()
    for choice, _label in choices or [("", "")]:
        choice_value = {kind.attributes[0].name: choice} if choice else {}
        (rule,) = read_rules([{"rule": name, **CASES[name][0][0], **choice_value}])
        sentence = rule.sentence(Names())
        assert sentence.endswith(".")
        assert "%(" not in sentence
        sentences.add(sentence)
    assert len(sentences) == max(len(choices), 1)


@pytest.mark.parametrize(("name", "values", "visit", "holds"), ROWS)
def test_a_rule_holds_for_these_visits_also_when_it_was_written_and_read(
    name: str, values: dict[str, Any], visit: Visit, holds: bool
) -> None:
    rules = read_rules([{"rule": name, **values}])
    assert read_rules(write_rules(rules)) == rules
    assert rules[0].holds(visit) is holds


def test_rules_have_an_order_of_their_own() -> None:
    ranks = [kind.rank for _name, kind in rule_kinds.items()]
    assert len(set(ranks)) == len(ranks)


def test_sentences_name_segments_and_quote_texts() -> None:
    rules = read_rules(
        [
            {"rule": "segments", "segments": ["vip123", "new123"]},
            {"rule": "segments", "operator": "none", "segments": ["old123"]},
            {"rule": "url", "operator": "not_contains", "texts": ["/cart", "/checkout"]},
            {"rule": "country", "countries": ["se", "Norge"]},
            {"rule": "cart_items", "texts": ["tea"], "quantity": 2},
        ]
    )
    assert [rule.sentence(Names()) for rule in rules] == [
        "The visitor is in “VIP123” or “NEW123”.",
        "The visitor is not known to be in “OLD123”.",
        "The address of the page does not contain “/cart” or “/checkout”.",
        "The visitor is in the country Sweden or Norway.",
        "The cart has at least 2 items of: “tea”.",
    ]


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"rule": "segments"}, "/0/segments"),
        ({"rule": "segments", "segments": [""]}, "/0/segments/0"),
        ({"rule": "segments", "segments": "vip123"}, "/0/segments"),
        ({"rule": "segments", "operator": "most", "segments": ["vip123"]}, "/0/operator"),
        ({"rule": "country", "countries": ["SE", "Atlantis"]}, "/0/countries/1"),
        ({"rule": "device", "devices": ["fridge"]}, "/0/devices/0"),
        ({"rule": "language", "languages": ["Swedish"]}, "/0/languages/0"),
        ({"rule": "cart_value", "value": float("nan")}, "/0/value"),
        ({"rule": "url", "texts": ["x" * 501]}, "/0/texts/0"),
        ({"rule": "weather"}, "/0/rule"),
        ("segments", "/0/rule"),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_at_its_place(record: Any, place: str) -> None:
    with pytest.raises(Invalid) as error:
        read_rules([record])
    assert [problem.pointer for problem in error.value.problems] == [place]


TEXTS = st.text(max_size=60) | st.text("*/?#%:.[]@&=+ax2Fß", max_size=60)
NUMBERS = st.floats(0, 1e9)
VISITS = st.builds(
    Visit,
    url=TEXTS,
    referrer=TEXTS,
    language=TEXTS,
    device=TEXTS,
    country=TEXTS,
    utm=st.dictionaries(TEXTS, TEXTS, max_size=3),
    cart_value=st.none() | NUMBERS,
    cart_items=st.lists(st.builds(CartItem, TEXTS, TEXTS, NUMBERS, NUMBERS), max_size=3).map(tuple),
)


@settings(max_examples=draws(60, nightly=2_000), deadline=None)
@given(VISITS, TEXTS.filter(str.strip))
def test_no_visit_breaks_a_rule(visit: Visit, text: str) -> None:
    for name, cases in CASES.items():
        for values, _visit, _holds in cases:
            if "texts" in values:
                values = {**values, "texts": [text]}
            (rule,) = read_rules([{"rule": name, **values}])
            assert rule.holds(visit) in {True, False}
