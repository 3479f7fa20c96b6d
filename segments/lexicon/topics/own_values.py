"""Values of the account that were typed: products, campaigns, answers, tags."""

from __future__ import annotations

from collections.abc import Iterator

from segments.definition.paths import write_path
from segments.lexicon.entries import ValueCondition, values
from segments.lexicon.fragments import Fragment, about, events, text
from segments.lexicon.labels import ABOUT, DONE
from segments.lexicon.letters import fold, tokens
from segments.lexicon.query import FILLERS, Query
from segments.lexicon.shop import ShopNames
from segments.lexicon.value_index import ValuesOfProperty
from segments.lexicon.verbs import metrics_meant, properties_meant

_METRICS = ("Ordered Product", "Placed Order", "Viewed Product", "Added to Cart",
            "Started Checkout", "Opened Email", "Clicked Email", "Received Email",
            "Submitted Form", "Active on Site")  # fmt: skip
_NAMES = ("name", "productname", "title", "items", "category", "categories", "collections", "brand",
          "campaignname", "form", "formname", "subject")  # fmt: skip
_TRANSLATIONS = """
    blue blå blått blåa niebieski niebieska
    green grön grönt gröna zielony zielona
    red röd rött röda czerwony czerwona
    yellow gul gult gula żółty żółta
    black svart svarta czarny czarna
    white vit vitt vita biały biała
    pink rosa różowy
    orange pomarańczowy
    grey gray grå grått szary
    brown brun bruna brązowy
    purple lila fioletowy
    school skola skolor szkoła
    club förening klubb klub
    company företag firma
    hiking vandring vandra wędrówki
    camping kemping
    skiing skidåkning narty
    cycling cykling rower
    running löpning bieganie
    cooking matlagning gotowanie
    outdoors friluftsliv
    shorts kortbyxor szorty spodenki
    shoes skor buty
    boots stövlar kängor kozaki
    jacket jacka
    jackets jackor kurtki
    tent tält namiot
"""
"""English words of values and what they are in Swedish and Polish."""
_FEWEST_LETTERS = 3
_MOST = 12


@values.register("own values")
def _values(shop: ShopNames, query: Query) -> Iterator[ValueCondition]:
    words = [word for word in query.words if word not in FILLERS] or list(query.words)
    text_typed = query.core if query.is_modified else " ".join(words)
    index = shop.values
    if text_typed in _TRANSLATED:
        yield from _search(shop, index, _TRANSLATED[text_typed], None)
    yield from _search(shop, index, text_typed, None)
    for start, paths in properties_meant(shop, query.words):
        tail = " ".join(query.words[start:])
        yield from _search(shop, [each for each in index if each.path in paths], tail, (), 2)
    for start, metrics in metrics_meant(shop, query.rest or query.words):
        tail = " ".join(w for w in (query.rest or query.words)[start:] if w not in FILLERS)
        yield from _search(shop, index, tail, metrics)


def _search(
    shop: ShopNames,
    index: list[ValuesOfProperty],
    typed: str,
    metrics: tuple[str, ...] | None,
    fewest: int = _FEWEST_LETTERS,
) -> Iterator[ValueCondition]:
    """The conditions on values that fit; `metrics` are those that were named, () for a property."""
    if len(typed) < fewest:
        return
    number = 0
    for each in sorted(index, key=lambda one: _rank(shop, one)):
        if metrics and each.metric not in metrics:
            continue
        match = each.find(typed)
        if match is None:
            continue
        how = "word" if each.metric and match.how == "whole" else match.how
        score = {"whole": 0.94, "word": 0.92, "beginning": 0.78}[how]
        score += 0.03 if metrics is not None else 0
        fragment = _fragment(each, match.value, is_whole=match.is_only, ignores=match.ignores_case)
        phrase = match.value if fold(match.value) != fold(typed) else ""
        yield ValueCondition(
            fragment, score - number / 1000, DONE if each.metric else ABOUT, phrase
        )
        number += 1
        if number >= _MOST:
            return


def _fragment(each: ValuesOfProperty, value: str, *, is_whole: bool, ignores: bool) -> Fragment:
    if each.is_list:
        operator = "contains" if is_whole else "contains-substring"
        test: Fragment = {"type": "list", "operator": operator, "value": value}
    else:
        test = text("equals" if is_whole else "contains", value, ignore_case=ignores)
    if each.metric:
        return events(each.metric, where=[{"property": each.name, "filter": test}])
    return about(each.name if each.is_field else write_path(each.name), test)


def _translated() -> dict[str, str]:
    """Folded words in Swedish and Polish to the English one."""
    translated = {}
    for line in _TRANSLATIONS.splitlines():
        first, *others = [*tokens(line), ""]
        translated.update(dict.fromkeys(filter(None, others), first))
    return translated


_TRANSLATED = _translated()


def _rank(shop: ShopNames, each: ValuesOfProperty) -> tuple[int, int, str]:
    if not each.metric:
        return (1, 0, each.name)
    name = shop.standard_names.get(each.metric, "")
    metric = _METRICS.index(name) if name in _METRICS else len(_METRICS)
    plain = "".join(letter for letter in each.name.casefold() if letter.isalnum())
    kind = _NAMES.index(plain) if plain in _NAMES else len(_NAMES)
    return (0 if metric == 0 else 2 + metric, kind, each.name)
