"""What holds for every page: URLs, roles, other accounts, headers, markup, colours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from profiles.models import List, Metric, Profile
from segmenter.accounts.invitations import Invitation, invite
from segmenter.accounts.models import Account, ApiKey, Role, Seat, User, create_api_key
from segmenter.kernel.clock import now
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db

AUTH = "django.contrib.auth.views"
OURS = ("segmenter.accounts", "profiles.people", "profiles.lists", "profiles.metrics")
LINKS = {
    "set-up",
    "set-up-shop",
    "invitation",
    "invitation-answer",
    "invitation-sign-out",
    "reset-password",
    "reset-password-new",
}
OPEN = {"health", "sign-in", "sign-out", "language", "home"} | LINKS
"""Routes for everybody, by name; what is behind a one-time link is in tests/accounts."""

READS = {
    "search",
    "settings",
    "settings-me",
    "index",
    "person",
    "person-events",
    "lists",
    "list",
    "metrics",
    "metric",
}
MARKETER = {
    "merge",
    "person-lists",
    "list-new",
    "list-rename",
    "list-delete",
    "list-add",
    "list-remove",
}
OWNER = {
    "erase",
    "settings-account",
    "settings-team",
    "team-role",
    "team-remove",
    "invitation-renew",
    "invitation-withdraw",
    "settings-keys",
    "key-revoke",
}
ANYBODY_SEATED = READS | {"switch-account"}


def routes() -> Iterator[tuple[str, str]]:
    """Name and path of our routes, each parameter as {name}."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif pattern.name and pattern.lookup_str.startswith((*OURS, AUTH)):
                yield str(pattern.name), "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)

    yield from walk(get_resolver().url_patterns, "")


ROUTES = dict(routes())
FORMS = {
    "switch-account": {"account": "shop"},
    "list-new": {"name": "New"},
    "list-rename": {"name": "Renamed"},
    "list-add": {"who": "bo@example.com"},
    "team-role": {"role": "viewer"},
    "settings-account": {"name": "Shop", "time_zone": "UTC"},
    "settings-team": {"email": "new@example.com", "role": "viewer"},
    "settings-keys": {"name": "new", "scopes": ["events:write"]},
}


@pytest.fixture
def parameters(people: list[Profile], account: Account, viewer: User) -> dict[str, object]:
    """One of everything in the shop."""
    key, _secret = create_api_key(account=account, name="server")
    invitation = invite(
        account=account, email="guest@example.com", role=Role.VIEWER, by=None, at=now()
    ).invitation
    return {
        "profile_id": people[0].pk,
        "key": List.objects.get(account=account).key,
        "metric_key": Metric.objects.get(account=account).key,
        "seat_id": viewer.seats.get().pk,
        "invitation_id": invitation.pk,
        "key_id": key.pk,
    }


def address(name: str, parameters: Mapping[str, object]) -> str:
    if name == "metric":
        parameters = {**parameters, "key": parameters["metric_key"]}
    return ROUTES[name].format(**parameters)


def form(name: str, parameters: dict[str, object]) -> dict[str, object]:
    own_forms = {"person-lists": {"add": parameters["key"]}, "merge": {"drop": "0"}}
    removing = {"list-remove": {"profile": parameters["profile_id"]}}
    forms: Mapping[str, Any] = {**FORMS, **own_forms, **removing}
    return dict(forms.get(name, {}))


def ask(client: Client, name: str, parameters: dict[str, object]) -> list[int]:
    """The status of a page read and of one sent."""
    path = address(name, parameters)
    return [client.get(path).status_code, client.post(path, form(name, parameters)).status_code]


def test_every_route_has_a_door() -> None:
    assert set(ROUTES) == OPEN | ANYBODY_SEATED | MARKETER | OWNER


@pytest.mark.parametrize("name", sorted(set(ROUTES) - OPEN))
def test_without_signing_in_there_is_only_the_way_to_sign_in(
    name: str, parameters: dict[str, object]
) -> None:
    path = address(name, parameters)
    for response in (Client().get(path), Client().post(path)):
        if response.status_code != 405:
            assert response.status_code == 302
            assert response["Location"].startswith("/sign-in?next=")
    partial = Client().get(path, headers={"HX-Request": "true"})
    assert partial.status_code == 405 or partial["HX-Refresh"] == "true"


@pytest.mark.parametrize("name", sorted(MARKETER | OWNER))
def test_roles_without_the_right_are_refused(
    name: str, parameters: dict[str, object], viewer: User, marketer: User, sign_in: SignIn
) -> None:
    refused = [viewer] if name in MARKETER else [viewer, marketer]
    tables = (Seat, ApiKey, List, Invitation)
    before = [table.objects.count() for table in tables]
    for user in refused:
        assert set(ask(sign_in(user), name, parameters)) <= {403, 405}
    assert [table.objects.count() for table in tables] == before


@pytest.mark.parametrize("name", sorted(READS))
def test_a_viewer_reads(
    name: str, parameters: dict[str, object], viewer: User, sign_in: SignIn
) -> None:
    status, answer_status = ask(sign_in(viewer), name, parameters)
    assert status in {200, 302}
    assert answer_status == (405 if name != "settings-me" else 200)


@pytest.mark.parametrize("name", sorted(MARKETER))
def test_a_marketer_writes(
    name: str, parameters: dict[str, object], marketer: User, sign_in: SignIn
) -> None:
    client, path = sign_in(marketer), address(name, parameters)
    status = client.post(path, form(name, parameters)).status_code
    assert status == (404 if name == "merge" else 302)  # there is no profile 0 to merge with


NOTHING = {
    "profile_id": "987654321",
    "key": "nonono",
    "metric_key": "nonono",
    "seat_id": "987654321",
    "invitation_id": "987654321",
    "key_id": "987654321",
}


def plain(page: bytes) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="\w+|X-CSRFToken": "\w+', "", page.decode())


@pytest.mark.parametrize("name", sorted(n for n in set(ROUTES) - OPEN if "{" in ROUTES[n]))
def test_what_is_another_account_s_is_not_there(
    name: str, parameters: dict[str, object], stranger: User, sign_in: SignIn
) -> None:
    client = sign_in(stranger)
    theirs, nothing = address(name, parameters), address(name, NOTHING)
    answers = [(client.get(theirs), client.get(nothing))]
    form_data = form(name, parameters)
    answers.append((client.post(theirs, form_data), client.post(nothing, form_data)))
    assert {response.status_code for pair in answers for response in pair} <= {404, 405}
    assert 404 in {response.status_code for pair in answers for response in pair}
    for ours, none in answers:
        assert plain(ours.content) == plain(none.content)


def test_a_profile_of_another_account_cannot_be_brought_in(
    parameters: dict[str, object], people: list[Profile], stranger: User, sign_in: SignIn
) -> None:
    from_elsewhere = Profile.objects.create(
        account=stranger.seats.get().account, email="x@example.com", created=AT, updated=AT
    )
    client = sign_in(stranger)
    client.post("/lists/new", {"name": "Mine"})
    mine = List.objects.get(name="Mine").key
    for person in people:
        assert client.post(f"/lists/{mine}/remove", {"profile": person.pk}).status_code == 404
        path = f"/profiles/{from_elsewhere.pk}"
        assert client.post(f"{path}/merge", {"drop": person.pk}).status_code == 404
        assert client.get(f"{path}/merge", {"with": person.pk}).status_code == 404
    client.post(f"/lists/{mine}/add", {"who": "anna@example.com"})
    assert not List.objects.get(key=mine).members.exists()


def test_search_and_counts_end_at_the_account(
    parameters: dict[str, object], stranger: User, sign_in: SignIn
) -> None:
    client = sign_in(stranger)
    assert client.get("/profiles/").context["total"] == 0
    for words in ("anna", "newsletter", "placed", ""):
        assert client.get("/search", {"q": words}).context["results"] == []


HOSTILE = ["\x00", "²", "٣", "9" * 40, "%2e%2e", "a\x00b", "ı", "-1", "1.5", "null"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["person", "person-events", "list", "metric", "merge"])
def test_no_address_breaks_a_page(name: str, value: str, owner: User, sign_in: SignIn) -> None:
    path = address(name, {**NOTHING, "profile_id": value, "key": value, "metric_key": value})
    assert sign_in(owner).get(path).status_code == 404


def test_errors_have_pages_and_tell_nothing(owner: User, sign_in: SignIn) -> None:
    missing = sign_in(owner).get("/no/such/page")
    assert missing.status_code == 404
    assert "There is nothing here" in missing.content.decode()
    assert "no/such/page" not in missing.content.decode()
    assert "/home" not in missing.content.decode()


def test_a_form_from_elsewhere_is_refused(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    for name in {"list-new", "language", "switch-account", "sign-out", "sign-in"} | LINKS:
        assert client.post(ROUTES[name]).status_code == 403


def test_every_answer_carries_its_guards(
    parameters: dict[str, object], owner: User, sign_in: SignIn
) -> None:
    client = sign_in(owner)
    for name in sorted(READS | {"settings-account", "settings-team", "settings-keys", "merge"}):
        response = client.get(address(name, parameters), follow=True)
        assert response.status_code == 200
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        page = response.content.decode()
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page), name
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), name
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), name


def test_health_says_whether_the_database_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/healthz").content == b"ok"

    def away() -> None:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        assert Client().get("/healthz").status_code == 503


def colours() -> dict[str, tuple[str, str]]:
    """Name to hex colour, light and dark."""
    css = (Path(settings.BASE_DIR) / "static" / "css" / "tokens.css").read_text()
    pattern = r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)"
    return {name: (light, dark) for name, light, dark in re.findall(pattern, css)}


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


GROUNDS = ("ground", "surface", "raised", "sunken", "hover", "pressed", "accent-soft")
TEXTS = ("text", "text-2", "text-3", "accent-text")
STATUS = ("good", "warn", "bad", "info")
READABLE = [(text, ground, 4.5) for text in TEXTS for ground in GROUNDS]
READABLE += [(f"{s}-text", ground, 4.5) for s in STATUS for ground in ("surface", f"{s}-soft")]
READABLE += [("on-accent", f, 4.5) for f in ("accent", "accent-hover")]
READABLE += [("on-bad", f, 4.5) for f in ("bad-fill", "bad-fill-hover")]
READABLE += [("tooltip-text", "tooltip", 4.5)]
READABLE += [(s, "surface", 3) for s in (*STATUS, "focus", "line-control")]
READABLE += [(f"chart-{n}", "surface", 3) for n in range(1, 6)]


@pytest.mark.parametrize(("front", "back", "least"), READABLE)
def test_colours_can_be_told_apart_in_both_themes(front: str, back: str, least: float) -> None:
    palette = colours()
    for theme in (0, 1):
        assert contrast(palette[front][theme], palette[back][theme]) >= least
