"""Which forms a visit shows, and why or why not, rule by rule. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from forms_targeting.engine.live_forms import LiveForm, LiveVariant
from forms_targeting.rules.rule import Rule
from forms_targeting.visit import Visit


@dataclass(frozen=True)
class RuleOutcome:
    """Whether one rule holds for a visit."""

    rule: Rule
    holds: bool


def outcomes(rules: Iterable[Rule], visit: Visit) -> list[RuleOutcome]:
    """Return whether each rule holds. A form is shown if all do, also if it has none."""
    return [RuleOutcome(rule, rule.holds(visit)) for rule in rules]


def matching_forms(forms: Iterable[LiveForm], visit: Visit) -> list[LiveForm]:
    """Return the forms all of whose rules hold, in their order."""
    return [form for form in forms if all(rule.holds(visit) for rule in form.rules)]


def variant_for(form: LiveForm, visitor: str) -> LiveVariant:
    """Return the variant that a visitor sees: always the same one, in the shares of the weights.

    Weighted rendezvous hashing: when a variant comes or goes, only its own visitors change.
    """
    shares = [variant for variant in form.variants if variant.weight > 0]
    return max(shares, key=lambda variant: _score(form, variant, visitor))


def _score(form: LiveForm, variant: LiveVariant, visitor: str) -> float:
    text = f"{form.key} {variant.letter} {visitor}".encode(errors="replace")
    number = int.from_bytes(blake2b(text, digest_size=6).digest())
    return -variant.weight / math.log((number + 0.5) / 2**48)
