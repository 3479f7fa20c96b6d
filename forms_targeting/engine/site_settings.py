"""The settings of an account's site: domains, consent, sender of mails, the identity secret."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from forms_targeting.attributes import is_web_address
from forms_targeting.engine.form_checks import ProblemList
from forms_targeting.engine.sites import note_change, site_of
from forms_targeting.models import Form, FormView, Site
from profiles.models import Event, Metric
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.keys import new_secret
from segmenter.kernel.secrets import encrypt

MOST_DOMAINS = 50
MOST_SENDER = 120
MOST_ADDRESS = 1_000
ACTIVE_ON_SITE = "Active on Site"
"""The metric whose events the script sends from every page."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}", re.ASCII)
_USUAL_PORTS = {80, 443}


@dataclass(frozen=True)
class SiteSettings:
    """What an account says of its site."""

    domains: Sequence[str] = ()
    needs_consent: bool = False
    privacy_url: str = ""
    sender_name: str = ""
    sender_address: str = ""


def save_site(*, account: Account, settings: SiteSettings, at: datetime) -> Site:
    """Change the settings. Raises Invalid with pointers such as /domains/0 and /privacy_url."""
    problems = ProblemList()
    domains = [
        problems.result_of(partial(read_domain, text), f"/domains/{index}")
        for index, text in enumerate(settings.domains)
    ]
    if len(domains) > MOST_DOMAINS:
        message = _("At most %(most)d entries fit here.") % {"most": MOST_DOMAINS}
        problems.add(Problem("/domains", "too_many", message))
    problems.result_of(lambda: _check_texts(settings))
    problems.check()
    with transaction.atomic():
        site = site_of(account, at=at)
        site.domains = list(dict.fromkeys(filter(None, domains)))
        site.needs_consent, site.privacy_url = settings.needs_consent, settings.privacy_url
        site.sender_name, site.sender_address = settings.sender_name, settings.sender_address
        site.save(
            update_fields=[
                *("domains", "needs_consent", "privacy_url", "sender_name", "sender_address"),
            ]
        )
        note_change(account, at=at)
    return site


def renew_identity_secret(*, account: Account, at: datetime) -> str:
    """Make a new identity secret and return it; what the old one signed proves nothing any more."""
    secret = new_secret()
    with transaction.atomic():
        site = site_of(account, at=at)
        site.identity_secret = encrypt(secret)
        site.save(update_fields=["identity_secret"])
        note_change(account, at=at)
    return secret


def read_domain(text: str) -> str:
    """Return a domain as it is stored, from what somebody types or copies: "https://Shop.se/x".

    The host in lower case and ASCII, with its port unless it is a usual one; "*." before it stands
    for every host below. Raises Invalid.
    """
    address = text.strip()
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_domain() from None
    wildcard = host.startswith("*.")
    try:
        name = host.removeprefix("*.").rstrip(".").encode("idna").decode() if host else ""
    except UnicodeError:
        raise _no_domain() from None
    if parts.scheme not in {"http", "https"} or parts.username is not None:
        raise _no_domain()
    if len(name) > 253 or not _HOST.fullmatch(name) or (wildcard and "." not in name):
        raise _no_domain()
    domain = f"*.{name}" if wildcard else name
    return domain if port is None or port in _USUAL_PORTS else f"{domain}:{port}"


def last_contact(account: Account) -> datetime | None:
    """Return when a page with the script was last heard of: an event, or a view of a form."""
    moments: list[datetime | None] = []
    metric = Metric.objects.filter(account=account, name=ACTIVE_ON_SITE).first()
    if metric is not None:
        events = Event.objects.filter(account=account, metric=metric)
        moments.append(events.aggregate(latest=Max("time"))["latest"])
    views = FormView.objects.filter(form__in=Form.objects.filter(account=account))
    day = views.aggregate(latest=Max("day"))["latest"]
    if day is not None:
        moments.append(views.filter(day=day).aggregate(latest=Max("at"))["latest"])
    return max((moment for moment in moments if moment is not None), default=None)


def _check_texts(settings: SiteSettings) -> None:
    problems = ProblemList()
    url = settings.privacy_url
    if url and (len(url) > MOST_ADDRESS or not is_web_address(url) or url.startswith("/")):
        message = _("An address begins with https://.")
        problems.add(Problem("/privacy_url", "invalid", message))
    name = settings.sender_name
    if len(name) > MOST_SENDER or not name.isprintable():
        message = _("At most %(most)d characters fit here.") % {"most": MOST_SENDER}
        problems.add(Problem("/sender_name", "invalid", message))
    if settings.sender_address:
        try:
            validate_email(settings.sender_address)
        except ValidationError:
            message = _("This is no e-mail address.")
            problems.add(Problem("/sender_address", "invalid", message))
    problems.check()


def _no_domain() -> Invalid:
    message = _("A domain is written as shop.example, shop.example:8080 or *.shop.example.")
    return Invalid(Problem("", "invalid", message))
