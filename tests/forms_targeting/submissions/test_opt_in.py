"""Double opt-in: the mail, the page behind its link, and what the click means."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from forms_targeting.models import ConsentProof, OptIn
from profiles.ingest.store import ingest_profiles
from profiles.lists.editing import create_list
from profiles.models import Consent, ListMember, Profile
from profiles.visitor_tokens import person_of_preferences, profile_of_token, visitor_token
from segmenter.accounts.mail import OutgoingMail, mails_due, send
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT, Response
from tests.forms_targeting.visitor import SHOP, Visitor, publish_form

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def visitor(account: Account) -> Visitor:
    newsletter = create_list(account=account, name="Newsletter", at=AT)
    return Visitor(account, publish_form(account, list=newsletter, double_opt_in=True))


def sign_up(visitor: Visitor, email: str = "anna@b.se", *, at: datetime = AT, **more: Any) -> None:
    with time_machine.travel(at, tick=False):
        response = visitor.submit({"mail": email}, {"yes": True}, **more)
    assert response.status_code == 202


def mails(at: datetime = AT) -> list[EmailMultiAlternatives]:
    """Send what is due; all mails so far."""
    for mail_id in mails_due(at):
        send(mail_id, lambda: at)
    return django_mail.outbox  # type: ignore[return-value]


def link_in(message: EmailMultiAlternatives) -> str:
    (address,) = re.findall(r"http://testserver(/forms/confirm/\S+)", str(message.body))
    assert address in str(message.alternatives[0][0])
    return str(address)


def visit(
    method: str, path: str, *, at: datetime = AT + HOUR, headers: dict[str, str] | None = None
) -> Response:
    with time_machine.travel(at, tick=False):
        client = Client(enforce_csrf_checks=True)
        response: Response = getattr(client, method)(path, headers=headers)
    assert not response.cookies
    return response


def is_subscribed() -> bool:
    return Consent.objects.filter(channel="email", status="subscribed").exists()


def test_the_consent_counts_after_the_click(visitor: Visitor) -> None:
    sign_up(visitor)
    assert Profile.objects.get().email == "anna@b.se"
    assert not Consent.objects.exists()
    assert not ListMember.objects.exists()
    (message,) = mails()
    link = link_in(message)
    page = visit("get", link)
    assert "Yes, that was me" in page.content.decode()
    assert "I want news." in page.content.decode()
    assert not is_subscribed()  # a scanner opens links
    done = visit("post", link, headers={"User-Agent": "Firefox"})
    assert done.status_code == 200
    consent = Consent.objects.get()
    assert (consent.status, consent.is_double_opt_in) == ("subscribed", True)
    assert consent.status_date == AT + HOUR
    assert ListMember.objects.get().list.name == "Newsletter"
    proof = ConsentProof.objects.get()
    assert (proof.source, proof.wording) == ("confirmation", "I want news.")
    assert proof.user_agent == "Firefox"


def test_the_page_leads_back_to_the_shop_with_a_token(account: Account, visitor: Visitor) -> None:
    sign_up(visitor, page=f"{SHOP}/shoes?color=red&_kx=old")
    text = visit("post", link_in(mails()[0])).content.decode()
    (href,) = re.findall(r'href="(https://shop\.example[^"]+)"', text)
    query = parse_qs(urlsplit(href.replace("&amp;", "&")).query)
    assert query["color"] == ["red"]
    (token,) = query["_kx"]
    assert profile_of_token(account, token, at=AT + HOUR) == Profile.objects.get().pk


@pytest.mark.parametrize(
    "page", ["https://evil.example/", "https://shop.example@evil.example/", "javascript:alert(1)"]
)
def test_no_token_goes_to_another_site(visitor: Visitor, page: str) -> None:
    sign_up(visitor, page=page)
    text = visit("post", link_in(mails()[0])).content.decode()
    assert "_kx" not in text
    assert "evil" not in text


def test_used_twice_is_fine_and_a_later_unsubscription_stays(
    account: Account, visitor: Visitor
) -> None:
    sign_up(visitor)
    link = link_in(mails()[0])
    visit("post", link)
    left = {"consent": "UNSUBSCRIBED", "consent_timestamp": (AT + 2 * HOUR).isoformat()}
    record = {"email": "anna@b.se", "subscriptions": {"email": {"marketing": left}}}
    ingest_profiles(account=account, records=[record], at=AT + 2 * HOUR)
    assert visit("post", link, at=AT + 3 * HOUR).status_code == 200
    assert not is_subscribed()
    assert ConsentProof.objects.count() == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda link: OptIn.objects.update(expires=AT),
        lambda link: Profile.objects.update(email="other@b.se"),
        lambda link: Profile.objects.all().delete(),
    ],
)
def test_a_link_that_is_over_answers_like_a_wrong_one(
    visitor: Visitor, spoil: Callable[[str], object]
) -> None:
    sign_up(visitor)
    link = link_in(mails()[0])
    spoil(link)
    answers = [
        visit(method, path) for method in ("get", "post") for path in (link, "/forms/confirm/x")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert not is_subscribed()


def test_nobodys_mailbox_is_filled_by_typing_their_address(
    account: Account, visitor: Visitor, settings: Any
) -> None:
    settings.SEGMENTER_CONFIRM_MAILS = 2
    for minutes in range(5):
        fresh = Visitor(account, visitor.version)
        sign_up(fresh, at=AT + timedelta(minutes=minutes))
    assert len(mails(AT + HOUR)) == 2
    sign_up(Visitor(account, visitor.version), at=AT + timedelta(days=1, hours=1))
    assert len(mails(AT + timedelta(days=1, hours=1))) == 3


def test_the_steps_of_one_form_send_one_mail(visitor: Visitor) -> None:
    sign_up(visitor)
    with time_machine.travel(AT, tick=False):
        visitor.submit({"mail": "anna@b.se", "tel": "+46701740605"}, {"yes": True}, step_id="phone")
    sign_up(visitor, submission_id=str(uuid4()))
    assert len(mails()) == 1


def test_whoever_is_subscribed_already_gets_no_mail(account: Account, visitor: Visitor) -> None:
    yes = {"consent": "SUBSCRIBED"}
    record = {"email": "anna@b.se", "subscriptions": {"email": {"marketing": yes}}}
    ingest_profiles(account=account, records=[record], at=AT)
    sign_up(visitor)
    assert mails() == []
    assert ListMember.objects.count() == 1


def test_without_the_box_there_is_nothing_to_confirm(visitor: Visitor) -> None:
    with time_machine.travel(AT, tick=False):
        visitor.submit({"mail": "anna@b.se"})
    assert mails() == []
    assert ListMember.objects.count() == 1


def test_the_mail_is_in_the_visitors_language_and_names_the_shop(
    account: Account, visitor: Visitor
) -> None:
    sign_up(visitor, language="sv")
    (message,) = mails()
    assert "Jag vill ha nyheter." in str(message.body)
    assert 'lang="sv"' in str(message.alternatives[0][0])
    assert account.name in message.subject
    assert OptIn.objects.get().language == "sv"


def test_the_mail_says_how_to_leave(visitor: Visitor) -> None:
    sign_up(visitor)
    (message,) = mails()
    header = message.extra_headers["List-Unsubscribe"]
    (token,) = re.findall(r"^<http://testserver/preferences/([^/]+)/unsubscribe>$", header)
    assert person_of_preferences(token, at=AT) == Profile.objects.get()
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "<img" not in str(message.alternatives[0][0])


def test_links_are_under_the_public_address(visitor: Visitor, settings: Any) -> None:
    settings.SEGMENTER_PUBLIC_URL = "https://segments.example/base"
    sign_up(visitor)
    (message,) = mails()
    assert "https://segments.example/base/forms/confirm/" in str(message.body)


def test_the_database_alone_opens_no_link(visitor: Visitor) -> None:
    sign_up(visitor)
    link = link_in(mails()[0])
    token = link.rpartition("/")[2]
    rows = [*OptIn.objects.values(), *OutgoingMail.objects.values()]
    assert token not in str(rows)


def test_the_click_counts_for_whoever_has_the_address(account: Account, visitor: Visitor) -> None:
    for record in ({"phone_number": "+46701740605"}, {"email": "bo@b.se"}):
        ingest_profiles(account=account, records=[record], at=AT)
    anna = Profile.objects.get(email=None)
    token = visitor_token(account, anna.pk, at=AT)
    sign_up(visitor, "bo@b.se", exchange_id=token)
    visit("post", link_in(mails()[0]))
    assert Consent.objects.get().profile == Profile.objects.get(email="bo@b.se")
