"""Public links: who opens and ends them, what they show, and that nothing else can be had."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from profiles.models import Cause
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Invalid
from segmenter.kernel.keys import digest
from segmenter.kernel.secrets import rotate_all
from segments.engine.deletion import delete_segment
from segments.engine.editing import set_active
from segments.engine.growth import CauseCounts, Growth, Period, Unit
from segments.models import PublicLink, Segment
from segments.sharing.public_growth import public_growth
from segments.sharing.public_links import (
    end_link,
    find_public_link,
    open_link,
    renew_link,
    save_link,
    token_of,
)
from segments.uses import latest_records
from tests.fixtures.cast import AT, Response, SignIn
from tests.segments.ledgers import Entry, ledger_segment, write
from tests.segments.sharing.test_sharing import definition, fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    """Six people entered on 20 February; one left on the 25th."""
    first = datetime(2026, 2, 20, 10, tzinfo=UTC)
    ledger = [Entry(person, True, first) for person in range(6)]
    ledger.append(Entry(0, False, first + timedelta(days=5)))
    return ledger_segment(account, "Almost there", ledger, created=first - timedelta(days=1))


def new_link(
    segment: Segment, user: User | None = None, last_day: date | None = None
) -> PublicLink:
    return save_link(segment, shows_conditions=False, last_day=last_day, user=user, at=AT)


def follow(link: PublicLink, *, at: datetime = AT, query: str = "", **headers: str) -> Response:
    return follow_token(token_of(link), at=at, query=query, **headers)


def follow_token(token: str, *, at: datetime = AT, query: str = "", **headers: str) -> Response:
    with time_machine.travel(at, tick=False):
        return Client().get(f"/public/{token}{query}", headers=headers)


def test_whoever_has_the_link_sees_name_count_and_growth(segment: Segment) -> None:
    response = follow(new_link(segment))
    page = response.content.decode()
    assert response.status_code == 200
    assert "<h1>Almost there</h1>" in page
    assert "5 people" in page
    assert "1 Mar 2026, 13:00 (UTC+01:00)" in page
    words = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))
    assert "Fri 20 Feb 2026 6 6 0 +6 Thu 19 Feb 2026 0 0 0 0" in words


def test_the_page_names_nothing_of_the_account(segment: Segment, marketer: User) -> None:
    page = follow(new_link(segment, marketer)).content.decode()
    account = segment.account
    for secret in (account.name, account.slug, account.site_key, account.time_zone, segment.key):
        assert secret not in page
    assert str(marketer) not in page
    assert "Segmenter" not in page
    assert not re.findall(r'href="/(?!static/)', page)
    assert "<script" not in page
    assert "<form" not in page


def test_the_page_is_kept_by_nobody_and_named_to_nobody(segment: Segment) -> None:
    response = follow(new_link(segment))
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert not response.cookies


def test_conditions_are_shown_only_where_somebody_chose_it(segment: Segment) -> None:
    fill(segment.account)
    segment.definition = definition(segment.account)
    segment.save()
    link = new_link(segment)
    assert "Placed Order" not in follow(link).content.decode()
    save_link(segment, shows_conditions=True, last_day=None, user=None, at=AT)
    assert "Placed Order" in follow(link).content.decode()
    segment.definition = {"condition_groups": "rubbish"}
    segment.save()
    assert follow(link).status_code == 200


@pytest.mark.parametrize(
    ("language", "words"), [("sv", "personer"), ("pl", "os"), ("en", "people")]
)
def test_the_page_speaks_the_visitors_language(segment: Segment, language: str, words: str) -> None:
    response = follow(new_link(segment), accept_language=language)
    assert f'lang="{language}"' in response.content.decode()
    assert words in response.content.decode()


@pytest.mark.parametrize(
    "query", ["?unit=week&last=0", "?unit=month&last=12", "?unit=day&last=365"]
)
def test_the_range_can_be_chosen(segment: Segment, query: str) -> None:
    page = follow(new_link(segment), query=query).content.decode()
    assert page.count('aria-current="true"') == 2


def test_a_report_that_was_just_made_is_not_made_again_until_the_size_changes(
    segment: Segment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    link = new_link(segment)
    page = follow(link).content
    with django_assert_max_num_queries(3):
        assert follow(link).content == page
    write(segment, [Entry(9, True, AT - timedelta(hours=1))])
    assert "6 people" in follow(link).content.decode()
    assert follow(link).content != page


@pytest.mark.parametrize(
    "query", ["?unit=hour&last=2", "?unit=x&last=-1", "?last=" + "9" * 40, "?from=1970-01-01"]
)
def test_a_range_that_there_is_not_is_the_usual_one(segment: Segment, query: str) -> None:
    link = new_link(segment)
    assert follow(link, query=query).content == follow(link).content


# --- who may not ---------------------------------------------------------------------------------


def same_as_nothing(response: Response, at: datetime = AT) -> bool:
    """Whether the answer is that to an address that was never there, headers and all."""
    with time_machine.travel(at, tick=False):
        nothing = Client().get("/there/is/nothing")
    nonce = r"nonce-[\w+/=-]+"
    answers = [
        (
            each.status_code,
            each.content,
            sorted((name, re.sub(nonce, "", value)) for name, value in each.headers.items()),
        )
        for each in (response, nothing)
    ]
    return response.status_code == 404 and answers[0] == answers[1]


@pytest.mark.parametrize("token", ["x", "x" * 40, "%ff", "²", "a b", "x" * 3000, "%2e%2e"])
def test_a_wrong_token_is_answered_like_an_address_that_there_is_not(
    segment: Segment, token: str
) -> None:
    new_link(segment)
    assert same_as_nothing(follow_token(token))


def test_a_link_that_ended_opens_nothing_at_once(segment: Segment, marketer: User) -> None:
    token = token_of(new_link(segment))
    assert end_link(segment, user=marketer, at=AT)
    assert same_as_nothing(follow_token(token))
    assert not end_link(segment, user=marketer, at=AT)
    assert PublicLink.objects.get().token == ""


def test_a_new_address_ends_the_old_one_and_shows_the_same(segment: Segment) -> None:
    save_link(segment, shows_conditions=True, last_day=date(2026, 3, 9), user=None, at=AT)
    old = open_link(segment, AT)
    assert old is not None
    token = token_of(old)
    new = renew_link(segment, user=None, at=AT)
    assert same_as_nothing(follow_token(token))
    assert follow(new).status_code == 200
    assert (new.shows_conditions, new.expires) == (True, old.expires)
    end_link(segment, user=None, at=AT)
    with pytest.raises(Conflict):
        renew_link(segment, user=None, at=AT)


def test_a_link_works_until_the_end_of_its_last_day_in_the_accounts_zone(segment: Segment) -> None:
    link = new_link(segment, last_day=date(2026, 3, 2))
    end = datetime(2026, 3, 2, 23, tzinfo=UTC)  # midnight in Stockholm
    assert follow(link, at=end - timedelta(seconds=1)).status_code == 200
    assert same_as_nothing(follow(link, at=end), end)
    again = save_link(segment, shows_conditions=False, last_day=None, user=None, at=end)
    assert again.pk != link.pk
    link.refresh_from_db()
    assert (link.ended, link.ended_by, link.token) == (end, None, "")
    assert same_as_nothing(follow_token("x", at=end), end)


def test_a_last_day_that_is_over_is_refused(segment: Segment) -> None:
    with pytest.raises(Invalid):
        new_link(segment, last_day=date(2026, 2, 28))
    assert new_link(segment, last_day=date(2026, 3, 1)).expires is not None


def test_the_link_of_an_inactive_segment_opens_nothing_until_it_is_active(segment: Segment) -> None:
    link = new_link(segment)
    set_active(segment, on=False, at=AT)
    assert same_as_nothing(follow(link))
    set_active(segment, on=True, at=AT)
    assert follow(link).status_code == 200


def test_the_link_of_a_segment_or_account_that_is_deleted_opens_nothing(segment: Segment) -> None:
    token, account = token_of(new_link(segment)), segment.account
    delete_segment(account=account, segment=segment, at=AT)
    assert same_as_nothing(follow_token(token))


def test_the_database_holds_no_token_in_plain(segment: Segment) -> None:
    link = new_link(segment)
    token = token_of(link)
    assert len(token) == 40
    assert token not in str(PublicLink.objects.values().get())
    assert find_public_link(link.digest, AT) is None
    assert link.digest == digest(token)
    assert rotate_all() == (1, 0)
    link.refresh_from_db()
    assert token_of(link) == token


def test_a_token_whose_key_is_gone_still_works_and_can_be_renewed(
    segment: Segment, marketer: User, sign_in: SignIn, settings: Settings
) -> None:
    link = new_link(segment)
    token = token_of(link)
    settings.SEGMENTER_ENCRYPTION_KEYS = ["another key, with 32 characters!"]
    assert follow_token(token).status_code == 200
    with time_machine.travel(AT, tick=False):
        page = sign_in(marketer).get(f"/segments/{segment.key}/public-link").content.decode()
    assert "cannot be shown here any more" in page


# --- small counts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 people"), (1, "fewer than 5 people"), (4, "fewer than 5 people"), (5, "5 people")],
)
def test_a_segment_of_few_people_is_fewer_than_five(account: Account, size: int, text: str) -> None:
    segment = ledger_segment(account, "Few", [], created=AT - timedelta(days=3))
    write(segment, [Entry(n, True, AT - timedelta(days=1)) for n in range(size)])
    page = re.sub(r"\s+", " ", follow(new_link(segment)).content.decode())
    assert text in page
    if 0 < size < 5:
        cells = re.findall(r'class="number"[^>]*>\s*([^<]*?)\s*<', page)
        assert f"{size}" not in {text.lstrip("+−") for text in cells}
        assert f"{size} people" not in page.replace("1 to 4 people", "")


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9),
    st.integers(0, 9),
)
def test_no_size_of_one_to_four_can_be_worked_out_from_a_row(
    moves: list[tuple[int, int]], before: int
) -> None:
    periods, size = [], before
    for number, (added, left) in enumerate(moves):
        left = min(left, size + added)
        size += added - left
        start = AT + timedelta(days=number)
        causes = (CauseCounts(Cause.EVENT, added, left),)
        periods.append(Period(start, start + timedelta(days=1), size, causes))
    report = public_growth(Growth(Unit.DAY, before, tuple(periods), ()), ZoneInfo("UTC"), AT)
    sizes = [before, *(period.size for period in periods)]
    rows = report.rows[::-1]
    for (start_size, end_size), row in zip(pairwise(sizes), rows, strict=True):
        is_told = not (0 < start_size < 5 or 0 < end_size < 5)
        assert (row.added is not None) == (row.left is not None) == (row.net is not None) == is_told
        assert row.size == ("fewer than 5" if 0 < end_size < 5 else str(end_size))
    if any(0 < size < 5 for size in sizes):
        assert report.added is None


# --- the page for marketers ----------------------------------------------------------------------


def test_a_marketer_opens_changes_renews_and_ends_a_link(
    segment: Segment, marketer: User, sign_in: SignIn
) -> None:
    client, path = sign_in(marketer), f"/segments/{segment.key}/public-link"
    with time_machine.travel(AT, tick=False):
        assert "There is none" in client.get(path).content.decode()
        assert client.post(path, {"last_day": "2026-03-05"}).status_code == 302
        link = PublicLink.objects.get()
        page = client.get(path).content.decode()
        assert f"http://testserver/public/{token_of(link)}" in page
        assert 'value="2026-03-05"' in page
        refusal = client.post(path, {"last_day": "2026-02-01"})
        assert refusal.status_code == 422
        assert "This day is over" in refusal.content.decode()
        assert client.post(path, {"last_day": "rubbish"}).status_code == 422
        client.post(path, {"shows_conditions": "on"})
        link.refresh_from_db()
        assert (link.shows_conditions, link.expires) == (True, None)
        client.post(f"{path}/renew")
        assert PublicLink.objects.filter(ended=None).get().pk != link.pk
        client.post(f"{path}/end")
        assert not PublicLink.objects.filter(ended=None).exists()
        assert client.post(f"{path}/renew", follow=True).status_code == 200


def test_the_log_says_who_opened_and_who_ended_links(
    segment: Segment, marketer: User, owner: User
) -> None:
    new_link(segment, marketer)
    end_link(segment, user=owner, at=AT + timedelta(hours=1))
    save_link(
        segment,
        shows_conditions=True,
        last_day=date(2026, 3, 1),
        user=owner,
        at=AT + timedelta(hours=2),
    )
    with time_machine.travel(AT + timedelta(days=9), tick=False):
        records = [r for r in latest_records(segment, 9) if r.kind == "Public link"]
    assert [(str(r.state), r.by) for r in records] == [
        ("Ended", ""),
        ("Opened", "Owner"),
        ("Ended", "Owner"),
        ("Opened", "Marketer"),
    ]
    assert records[1].text == "until 1 Mar 2026, with the conditions"


def test_viewers_and_strangers_make_no_links(
    segment: Segment, viewer: User, stranger: User, sign_in: SignIn
) -> None:
    for part in ("", "/renew", "/end"):
        path = f"/segments/{segment.key}/public-link{part}"
        assert sign_in(viewer).post(path).status_code == 403
        assert sign_in(stranger).post(path).status_code == 404
    assert sign_in(viewer).get(f"/segments/{segment.key}/public-link").status_code == 403
    assert not PublicLink.objects.exists()


def test_somebody_signed_in_elsewhere_sees_what_everybody_sees(
    segment: Segment, stranger: User, sign_in: SignIn
) -> None:
    link = new_link(segment)
    with time_machine.travel(AT, tick=False):
        page = sign_in(stranger).get(f"/public/{token_of(link)}")
    assert page.content == follow(link).content
