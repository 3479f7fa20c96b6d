"""Who may open the pages of webhooks, and what these keep from others."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import URLPattern

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.models import Delivery, Segment, Webhook
from segments.webhooks.editing import WebhookSettings, create_webhook, renew_secret
from segments.webhooks.sender import send_batch
from segments.webhooks.urls import urlpatterns
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn
from tests.segments.webhooks.conftest import Change, Hook
from tests.segments.webhooks.page_requests import FORM, address, client
from tests.segments.webhooks.receiver import Receiver, reply

__all__ = ["client"]

pytestmark = pytest.mark.django_db


READS = {"list", "detail"}
EVIL = "\"><script>alert('x')</script>&{{ 1 }}"


# --- for whom ------------------------------------------------------------------------------------


def routes(webhook: Webhook) -> list[tuple[str, str]]:
    """Name and address of every page."""
    addresses = []
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        name, takes = str(pattern.name), "<" in str(pattern.pattern)
        addresses.append((name, address(name, webhook if takes else None)))
    return addresses


def test_a_viewer_reads_and_changes_nothing(
    hook: Hook,
    change: Change,
    people: list[Profile],
    viewer: User,
    sign_in: SignIn,
    account: Account,
) -> None:
    webhook, browser = hook(), sign_in(viewer)
    renew_secret(webhook=webhook, at=AT)
    webhook.refresh_from_db()
    change(people[0])
    before = list(Webhook.objects.values()), list(Delivery.objects.values())
    for name, path in routes(webhook):
        reading, writing = (
            browser.get(path),
            browser.post(path, FORM | {"delivery": "1", "on": "0"}),
        )
        if name in READS:
            assert (reading.status_code, writing.status_code) == (200, 405)
            page = reading.content.decode()
            assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
            assert webhook.secret not in page
            assert webhook.old_secret not in page
        else:
            assert {reading.status_code, writing.status_code} <= {403, 405}
            assert 403 in {reading.status_code, writing.status_code}
    assert (list(Webhook.objects.values()), list(Delivery.objects.values())) == before


def test_without_signing_in_there_is_only_the_way_to_sign_in(hook: Hook) -> None:
    for _name, path in routes(hook()):
        for answer in (Client().get(path), Client().post(path)):
            if answer.status_code != 405:
                assert answer.status_code == 302
                assert answer["Location"].startswith("/sign-in?next=")


def plain(page: bytes) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="\w+|X-CSRFToken": "\w+', "", page.decode())


def test_what_is_another_account_s_is_not_there(
    hook: Hook, change: Change, people: list[Profile], stranger: User, sign_in: SignIn
) -> None:
    webhook, browser = hook(), sign_in(stranger)
    change(people[0])
    data = FORM | {"delivery": str(Delivery.objects.get().pk), "on": "0"}
    before = list(Webhook.objects.values()), list(Delivery.objects.values())
    names = set()
    for name, path in routes(webhook):
        if webhook.key not in path:
            continue
        names.add(name)
        nothing = path.replace(webhook.key, "nonono")
        for theirs, none in (
            (browser.get(path), browser.get(nothing)),
            (browser.post(path, data), browser.post(nothing, data)),
        ):
            assert theirs.status_code in (404, 405)
            assert plain(theirs.content) == plain(none.content)
    assert len(names) == 8
    assert (list(Webhook.objects.values()), list(Delivery.objects.values())) == before
    assert browser.get("/settings/webhooks/").context["rows"] == []


def test_a_message_and_a_segment_of_another_account_cannot_be_brought_in(
    hook: Hook,
    change: Change,
    people: list[Profile],
    segment: Segment,
    other_account: Account,
    stranger: User,
    sign_in: SignIn,
) -> None:
    hook()
    change(people[0])
    browser, theirs = sign_in(stranger), hook(account=other_account)
    data = {"delivery": Delivery.objects.get().pk}
    assert browser.post(address("replay", theirs), data).status_code == 404
    form = FORM | {"which": "chosen", "segments": [segment.key]}
    assert browser.post(address("edit", theirs), form).status_code == 422
    assert segment.name not in browser.get(address("edit", theirs)).content.decode()


def test_names_addresses_and_answers_are_text(
    client: Client, account: Account, people: list[Profile], receiver: Receiver, change: Change
) -> None:
    evil = new_segment(account, EVIL)
    Profile.objects.filter(pk=people[0].pk).update(first_name=EVIL)
    settings = WebhookSettings(name=EVIL, url=receiver.url, segments=[evil])
    webhook, _secret = create_webhook(account=account, settings=settings, at=AT)
    Webhook.objects.update(all_segments=True)
    change(people[0])
    receiver.answers = [lambda handler: reply(handler, 500, EVIL.encode())]
    send_batch(webhook.pk, AT)
    Webhook.objects.update(all_segments=False)
    for name, path in routes(webhook):
        if name in {"list", "detail", "edit", "new"}:
            page = client.get(path).content.decode()
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert" in page
    secret_page = client.post(address("secret", webhook)).content.decode()
    assert "<script>alert" not in secret_page


def test_every_page_carries_its_guards(client: Client, hook: Hook) -> None:
    webhook = hook()
    for name in ("list", "detail", "edit", "new"):
        answer = client.get(address(name, webhook if name in ("detail", "edit") else None))
        assert "unsafe" not in answer["Content-Security-Policy"]
        page = answer.content.decode()
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
