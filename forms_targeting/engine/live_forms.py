"""The live forms of a site, read once by each process and again when the site's revision changes.

A form that cannot be read as it is stored is shown to nobody: it is a fault, which the pages for
marketers show.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from cachetools import LRUCache
from django.utils.translation import gettext as _

from forms_targeting.behavior import read_behavior, write_behavior
from forms_targeting.content.form_content import FormContent, read_content
from forms_targeting.content.public import public_content
from forms_targeting.engine.form_checks import ProblemList
from forms_targeting.engine.references import RuleReferences, absent_references, references_of
from forms_targeting.engine.sites import MOST_SITES
from forms_targeting.models import Form, FormStatus, FormVersion, Site
from forms_targeting.rules.rule import Rule, read_rules
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem


@dataclass(frozen=True)
class LiveVariant:
    """What one variant of a form says to visitors."""

    letter: str
    weight: int
    version_key: str
    content: FormContent
    documents: Mapping[str, Mapping[str, Any]]
    """Language to what the shop's page gets."""


@dataclass(frozen=True)
class LiveForm:
    """A form that is shown if all its rules hold."""

    key: str
    name: str
    rules: tuple[Rule, ...]
    behavior: Mapping[str, Any]
    variants: tuple[LiveVariant, ...]


@dataclass(frozen=True)
class LiveForms:
    """The live forms of an account, those first that go first."""

    forms: tuple[LiveForm, ...] = ()
    faults: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    """Key of a form that is live and cannot be shown to what is wrong with it."""
    references: RuleReferences = field(default_factory=lambda: RuleReferences({}, {}))
    """What the forms ask about people."""


_Version = tuple[int, datetime]
_forms: LRUCache[int, tuple[_Version, LiveForms]] = LRUCache(MOST_SITES)
_lock = threading.Lock()


def live_forms(site: Site) -> LiveForms:
    """Return the live forms of a site that was read in this request."""
    version = (site.revision, site.updated)
    with _lock:
        entry = _forms.get(site.pk)
    if entry is not None and entry[0] == version:
        return entry[1]
    forms = read_live_forms(site.account)
    with _lock:
        _forms[site.pk] = version, forms
    return forms


def read_live_forms(account: Account) -> LiveForms:
    """Return the live forms of an account from the database."""
    rows = list(
        Form.objects.filter(account=account, status=FormStatus.LIVE).order_by("priority", "pk")
    )
    versions = _versions(rows)
    faults: dict[str, tuple[Problem, ...]] = {}
    forms: list[LiveForm] = []
    for row in rows:
        try:
            forms.append(_read_form(row, versions.get(row.pk, [])))
        except Invalid as error:
            faults[row.key] = error.problems
    references = references_of(account, (rule for form in forms for rule in form.rules))
    for form in forms:
        if problems := absent_references(form.rules, references, "/rules"):
            faults[form.key] = tuple(problems)
    forms = [form for form in forms if form.key not in faults]
    all_rules = (rule for form in forms for rule in form.rules)
    return LiveForms(tuple(forms), faults, references.restricted_to(all_rules))


def _versions(forms: Sequence[Form]) -> dict[int, list[FormVersion]]:
    """The newest version of each active variant by form, with its variant."""
    rows = (
        FormVersion.objects.filter(form__in=forms, variant__is_active=True)
        .order_by("variant", "-number")
        .distinct("variant")
        .select_related("variant")
    )
    versions: dict[int, list[FormVersion]] = {}
    for version in rows:
        versions.setdefault(version.form_id, []).append(version)
    return versions


def _read_form(row: Form, versions: Sequence[FormVersion]) -> LiveForm:
    """The form as it is stored. Raises Invalid."""
    problems = ProblemList()
    rules = problems.result_of(lambda: read_rules(row.rules), "/rules")
    behavior = problems.result_of(lambda: read_behavior(row.behavior), "/behavior")
    variants = []
    for version in sorted(versions, key=lambda version: version.variant.letter):
        variant = problems.result_of(partial(_read_variant, version))
        if variant is not None:
            variants.append(variant)
    if not any(version.variant.weight for version in versions):
        problems.add(
            Problem("/variants", "required", _("A form needs a variant that visitors see."))
        )
    problems.check()
    assert rules is not None
    assert behavior is not None
    return LiveForm(row.key, row.name, rules, write_behavior(behavior), tuple(variants))


def _read_variant(version: FormVersion) -> LiveVariant:
    letter = version.variant.letter
    try:
        content = read_content(version.content)
    except Invalid as error:
        problems = (p.under(f"/variants/{letter}/content") for p in error.problems)
        raise Invalid(*problems) from None
    languages = (content.language, *content.translations)
    return LiveVariant(
        letter=letter,
        weight=version.variant.weight,
        version_key=version.key,
        content=content,
        documents={language: public_content(content, [language]) for language in languages},
    )
