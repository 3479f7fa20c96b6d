"""Which consent filters can be combined, as tables (the literals of Klaviyo's OpenAPI).

Only what is valid. What it means for people is in `conditions/consent.py` and `permissions.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from segmenter.kernel.errors import Problem
from segments.definition.operators import (
    BooleanFilter,
    DateFilter,
    Existence,
    Filter,
    TextFilter,
    TextIn,
)

SUPPRESSIONS = frozenset({"bounce_date", "manual_suppression_date", "invalid_email_date"})

Method = tuple[str, bool]
"""Which inner filter a method takes (see `inner_problems`), and whether it is required."""

_PLAIN: Method = ("none", False)
_EQUALS: Method = ("equals", False)
_IN: Method = ("in", False)
_SHOPIFY: Method = ("in:shopify", True)
_CONSTANT_CONTACT: Method = ("in:constant_contact", True)

_SMS_BOTH: dict[str, Method] = {
    "form": _IN,
    "manual_import": _IN,
    "manual_add": _IN,
    "checkout": _PLAIN,
    "inbound_message": _PLAIN,
    "preference_page": _EQUALS,
    "sftp": _PLAIN,
    "integration": _SHOPIFY,
}
_METHODS: dict[tuple[str, bool, str], dict[str, Method]] = {
    ("email", True, "subscribed"): {
        "form": _IN,
        "preference_page": _EQUALS,
        "api": _IN,
        "inbound_message": _PLAIN,
        "back_in_stock": _PLAIN,
        "sftp": _PLAIN,
        "manual_import": _IN,
        "manual_add": _IN,
        "integration": _SHOPIFY,
    },
    ("email", False, "unsubscribed"): {
        "api": _IN,
        **dict.fromkeys(
            (
                *("inbound_message", "preference_page", "manual_remove", "spam_complaint"),
                *("mailbox_provider", "one_click_unsubscribe", "manual_import", "sftp"),
                *("data_warehouse_import", "profile_modification"),
            ),
            _PLAIN,
        ),
        "integration": _CONSTANT_CONTACT,
    },
    ("sms", True, "subscribed"): _SMS_BOTH,
    ("sms", False, "unsubscribed"): _SMS_BOTH
    | dict.fromkeys(
        (
            *("manual_remove", "bulk_remove", "carrier_deactivation", "provided_landline"),
            *("message_blocked", "provided_no_age", "failed_age_gate"),
        ),
        _PLAIN,
    ),
}
_DETAILS: dict[tuple[str, bool, str], frozenset[str]] = {
    ("email", True, "any"): frozenset(),
    ("email", True, "never_subscribed"): frozenset(),
    ("email", True, "subscribed"): frozenset(
        {"is_double_opt_in", "status_date", "custom_source", "method"}
    ),
    ("email", False, "any"): SUPPRESSIONS,
    ("email", False, "never_subscribed"): SUPPRESSIONS,
    ("email", False, "subscribed"): SUPPRESSIONS,
    ("email", False, "unsubscribed"): SUPPRESSIONS | {"status_date", "method"},
    ("sms", True, "subscribed"): frozenset({"status_date", "method", "is_rcs_capable"}),
    ("sms", False, "any"): frozenset(),
    ("sms", False, "never_subscribed"): frozenset(),
    ("sms", False, "unsubscribed"): frozenset({"status_date", "method"}),
    ("push", True, "any"): frozenset({"status_date"}),
    ("push", False, "any"): frozenset(),
}
"""(channel, can receive, subscription) to the fields that its filters may test."""


def problem_with(consent: Any) -> Iterator[Problem]:
    """Check a consent against the tables. Pointers are relative to the consent."""
    status = consent.consent_status
    case = (consent.channel, consent.can_receive_marketing, status.subscription)
    if case not in _DETAILS:
        allowed = [s for c, r, s in _DETAILS if (c, r) == case[:2]]
        message = f"Here the status can only be: {', '.join(allowed)}."
        yield Problem("/consent_status/subscription", "invalid", message)
        return
    for i, consent_filter in enumerate(status.filters or ()):
        for problem in _filter_problems(consent_filter, case):
            yield problem.under(f"/consent_status/filters/{i}")


def allowed_fields(channel: str, can_receive: bool, subscription: str) -> frozenset[str]:
    """The fields that the filters of such a consent may test."""
    return _DETAILS.get((channel, can_receive, subscription), frozenset())


def allowed_methods(channel: str, can_receive: bool, subscription: str) -> dict[str, Method]:
    """The methods of such a consent, each with the inner filter that it takes."""
    return _METHODS.get((channel, can_receive, subscription), {})


def allowed_subscriptions(channel: str, can_receive: bool) -> list[str]:
    """The statuses that are valid for a channel."""
    return [s for c, r, s in _DETAILS if (c, r) == (channel, can_receive)]


def _filter_problems(consent_filter: Any, case: tuple[str, bool, str]) -> Iterator[Problem]:
    if consent_filter.field not in _DETAILS[case]:
        yield Problem("/field", "invalid", gettext("Not available for this status."))
        return
    if consent_filter.field == "method":
        methods = _METHODS[case]
        if consent_filter.method not in methods:
            message = f"Here the method can only be: {', '.join(sorted(methods))}."
            yield Problem("/method", "invalid" if consent_filter.method else "required", message)
            return
        yield from inner_problems(consent_filter.filter, methods[consent_filter.method])
        return
    if consent_filter.method:
        yield Problem("/method", "invalid", gettext("A method cannot be chosen here."))
    if not consent_filter.filter:
        yield Problem("/filter", "required", gettext("This filter is missing."))
    elif (
        not isinstance(consent_filter.filter, _expected(consent_filter.field))
        or (
            isinstance(consent_filter.filter, TextFilter)
            and consent_filter.filter.operator != "equals"
        )
        or (
            isinstance(consent_filter.filter, Existence)
            and consent_filter.filter.operator != "is-set"
        )
    ):
        yield Problem("/filter", "invalid", gettext("This cannot be compared this way."))


def _expected(field: str) -> tuple[type[Filter], ...]:
    if field in SUPPRESSIONS:
        return (DateFilter, Existence)
    if field == "status_date":
        return (DateFilter,)
    return (TextFilter,) if field == "custom_source" else (BooleanFilter,)


def inner_problems(inner: Any, method: Method) -> Iterator[Problem]:
    """Check the inner filter of a method. Pointers are relative to the filter that has it."""
    shape, required = method
    if not inner:
        if required:
            yield Problem("/filter", "required", gettext("This method needs a filter."))
        return
    if shape == "equals":
        fits = isinstance(inner, TextFilter) and inner.operator == "equals"
    elif shape == "none":
        fits = False
    else:
        fits = isinstance(inner, TextIn) and inner.operator == "in"
        only = shape.partition(":")[2]
        fits = fits and (not only or tuple(inner.value) == (only,))
    if not fits:
        yield Problem("/filter", "invalid", gettext("This method cannot be filtered this way."))
