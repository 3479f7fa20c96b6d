"""People to be in the demo's shop as: one for each form, chosen by who is in its segment now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.http import urlencode

from forms_targeting.onsite.demo_shop.forms import FORMS, DemoForm
from profiles.consent_words import Channel, ConsentStatus
from profiles.models import Consent, Profile
from profiles.visitor_tokens import visitor_token
from segmenter.accounts.models import Account
from segments.models import Membership, Segment


@dataclass(frozen=True)
class Persona:
    """Somebody that a visitor of the demo can be."""

    name: str
    expects: str
    """The form that they see."""
    query: str
    """Of the link that makes the browser theirs; "" for a visitor whom nobody knows."""


def personas(account: Account, *, at: datetime) -> list[Persona]:
    """Return one for each form whose people there are; segments may still be in the making."""
    return [
        persona for form in FORMS if (persona := _persona(account, form, at=at)) is not None
    ] + [Persona("Somebody new", "Newsletter", "")]


def _persona(account: Account, form: DemoForm, *, at: datetime) -> Persona | None:
    """A person who is in the form's segment and in none of another form of the demo."""
    people = _subscribers(account)
    others = [other.segment for other in FORMS if other.definition and other != form]
    people = people.exclude(_in(Segment.objects.filter(account=account, name__in=others)))
    if form.definition is not None:
        people = people.filter(_in(Segment.objects.filter(account=account, name=form.segment)))
    elif not form.query:
        return None
    people = people.filter(first_name__gt="", last_name__gt="")
    person = people.order_by("pk").first()
    if person is None:
        return None
    token = urlencode({"_kx": visitor_token(account, person.pk, at=at)})
    query = "&".join(filter(None, [form.query, token]))
    return Persona(f"{person.first_name} {person.last_name}", form.name, query)


def _subscribers(account: Account) -> QuerySet[Profile]:
    """People who get e-mail: the newsletter's form has nothing to ask them."""
    consents = Consent.objects.filter(
        profile=OuterRef("pk"),
        account=account,
        channel=Channel.EMAIL,
        status=ConsentStatus.SUBSCRIBED,
    )
    return Profile.objects.filter(Exists(consents), account=account)


def _in(segments: QuerySet[Segment]) -> Exists:
    return Exists(Membership.objects.filter(segment__in=segments, profile=OuterRef("pk")))
