"""The metrics that the first words of a search mean: "bought shorts", "opened black friday"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachetools import LRUCache

from segments.lexicon.entries import entries, names
from segments.lexicon.labels import ABOUT
from segments.lexicon.letters import tokens
from segments.lexicon.shop import ShopNames
from segments.lexicon.stems import LANGUAGES, stem

_VERBS = {
    "placed-order": ("Ordered Product", "Placed Order"),
    "ordered-product": ("Ordered Product", "Placed Order"),
    "never-ordered": ("Ordered Product", "Placed Order"),
    "viewed-product": ("Viewed Product",),
    "added-to-cart": ("Added to Cart",),
    "started-checkout": ("Started Checkout",),
    "submitted-form": ("Submitted Form",),
    "active-on-site": ("Active on Site",),
    "opened-email": ("Opened Email",),
    "clicked-email": ("Clicked Email", "Clicked SMS"),
    "received-email": ("Received Email", "Received SMS"),
    "discount": ("Placed Order",),
}
"""Entry whose words are the verb to the standard metrics that are searched."""
_MOST_WORDS = 4


def metrics_meant(shop: ShopNames, words: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(number of words, keys of metrics) for each beginning that is a verb of the lexicon."""
    for length in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        for name in _verb(tuple(words[:length])):
            keys = tuple(key for each in _VERBS[name] if (key := shop.metric(each)) is not None)
            if keys:
                yield length, keys


def properties_meant(shop: ShopNames, words: Sequence[str]) -> Iterator[tuple[int, set[str]]]:
    """(number of words, paths) for each beginning that names a property: "colour blue"."""
    for length in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        head = tuple(words[:length])
        paths = {path for path, phrases in _named_properties(shop).items() if head in phrases}
        if paths:
            yield length, paths


_by_signature: LRUCache[object, dict[str, set[tuple[str, ...]]]] = LRUCache(32)


def _named_properties(shop: ShopNames) -> dict[str, set[tuple[str, ...]]]:
    """Path of a property to the phrases that name it."""
    known = _by_signature.get(shop.signature)
    if known is None:
        known = _by_signature[shop.signature] = _read_properties(shop)
    return known


def _read_properties(shop: ShopNames) -> dict[str, set[tuple[str, ...]]]:
    phrases: dict[str, set[tuple[str, ...]]] = {}
    every = [*(each for _name, each in entries.items()), *names["properties"](shop)]
    for each in every:
        if each.group == ABOUT and not each.lacks:
            path = (each.make(shop) or {}).get("property")
            if path:
                phrases.setdefault(path, set()).update(phrase.words for phrase in each.phrases)
    return phrases


def _verb(words: tuple[str, ...]) -> Iterator[str]:
    for name in _VERBS:
        for language in LANGUAGES:
            stems = tuple(stem(word, language) for word in words)
            if stems in _phrases(name, language):
                yield name
                break


_cache: dict[tuple[str, str], frozenset[tuple[str, ...]]] = {}


def _phrases(name: str, language: str) -> frozenset[tuple[str, ...]]:
    known = _cache.get((name, language))
    if known is None:
        known = _cache[name, language] = frozenset(
            tuple(stem(word, language) for word in tokens(phrase.text))
            for phrase in entries[name].phrases
            if phrase.language == language
        )
    return known
