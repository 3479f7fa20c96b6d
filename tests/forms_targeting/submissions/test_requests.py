"""Requests to /client/form-submissions and form-views: domains, limits, programs, and silence."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from forms_targeting.models import FormSubmission, FormView
from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.accounts.request_limits import RequestCount, delete_old_counts, network_of
from tests.fixtures.cast import AT
from tests.forms_targeting.visitor import SHOP, Visitor, problems_of

pytestmark = pytest.mark.django_db


def display(visitor: Visitor, view_id: str, **attributes: Any) -> Any:
    document = {
        "form_id": visitor.form.key,
        "version_id": visitor.version.key,
        "view_id": view_id,
        "page": f"{SHOP}/shoes?color=red",
        "device": "tablet",
        **attributes,
    }
    return visitor.post("form-views", {"data": {"type": "form-view", "attributes": document}})


def test_a_display_counts_once_by_its_key(visitor: Visitor) -> None:
    key = str(uuid4())
    for _ in range(3):
        assert display(visitor, key).status_code == 202
    view = FormView.objects.get()
    assert (view.page, view.device, view.version) == ("/shoes", "tablet", visitor.version)


def test_a_display_of_no_form_is_refused(visitor: Visitor) -> None:
    assert problems_of(display(visitor, "7")) == {"/data/attributes/view_id": "invalid"}
    response = display(visitor, str(uuid4()), version_id="nobody")
    assert problems_of(response) == {"/data/attributes/version_id": "not_found"}


def test_known_and_unknown_addresses_get_the_same_answer(
    account: Account, visitor: Visitor
) -> None:
    ingest_profiles(account=account, records=[{"email": "anna@b.se"}], at=AT)
    answers = [
        visitor.submit({"mail": address}, {"yes": True}) for address in ("anna@b.se", "new@b.se")
    ]
    first, second = ((r.status_code, r.content, dict(r.headers)) for r in answers)
    assert first == second
    assert first[:2] == (202, b'{"meta":{"status":"accepted"}}')


def test_pages_of_the_shop_may_send_and_others_may_not(visitor: Visitor) -> None:
    response = visitor.submit({"mail": "a@b.se"})
    assert response["Access-Control-Allow-Origin"] == SHOP
    visitor.origin = "https://evil.example"
    response = visitor.submit({"mail": "b@b.se"})
    assert response.status_code == 403
    assert not response.has_header("Access-Control-Allow-Origin")
    assert not Profile.objects.filter(email="b@b.se").exists()
    visitor.origin = ""  # a phone or a server
    assert visitor.submit({"mail": "c@b.se"}).status_code == 202


def test_programs_get_the_usual_answer_and_nothing_is_stored(visitor: Visitor) -> None:
    person = visitor.submit({"mail": "a@b.se"})
    for signs in ({"website": "http://spam.example"}, {"elapsed_ms": 3}):
        program = visitor.submit({"mail": "bot@b.se"}, **signs)
        assert (program.status_code, program.content) == (202, person.content)
    assert Profile.objects.count() == FormSubmission.objects.count() == 1


def test_a_flood_from_one_address_is_stopped_for_a_while(visitor: Visitor, settings: Any) -> None:
    settings.SEGMENTER_FORM_LIMIT = 3
    with time_machine.travel(AT, tick=False) as clock:
        codes = [visitor.submit({"mail": f"p{n}@b.se"}).status_code for n in range(5)]
        assert codes == [202, 202, 202, 429, 429]
        response = visitor.submit({"mail": "more@b.se"})
        assert int(response["Retry-After"]) == 601
        assert response["Access-Control-Allow-Origin"] == SHOP
        clock.shift(601)
        assert visitor.submit({"mail": "more@b.se"}).status_code == 202
    assert Profile.objects.count() == 4


def test_pages_that_are_looked_at_do_not_use_up_submissions(
    visitor: Visitor, settings: Any
) -> None:
    settings.SEGMENTER_FORM_LIMIT = 1
    for _ in range(3):
        assert display(visitor, str(uuid4())).status_code == 202
    assert visitor.submit({"mail": "a@b.se"}).status_code == 202


def test_one_address_cannot_be_entered_without_end(visitor: Visitor, settings: Any) -> None:
    settings.SEGMENTER_FORM_EMAIL_LIMIT = 2
    codes = [visitor.submit({"mail": "anna@b.se"}).status_code for _ in range(3)]
    assert codes == [202, 202, 429]
    assert visitor.submit({"mail": "bo@b.se"}).status_code == 202


def test_counts_hold_no_address_and_go_when_they_are_over(visitor: Visitor) -> None:
    with time_machine.travel(AT, tick=False):
        visitor.submit({"mail": "anna@b.se"})
    rows = json.dumps(list(RequestCount.objects.values_list("subject", flat=True)))
    assert "anna" not in rows
    assert "127.0.0.1" not in rows
    assert delete_old_counts(AT) == 0
    assert delete_old_counts(AT.replace(year=2027)) == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("rubbish", "rubbish"),
    ],
)
def test_of_an_ipv6_address_the_network_is_counted(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    "body", [" ", "{", "[]", "null", '{"data": 1}', '{"data": {"type": "profile"}}', "\x00"]
)
def test_what_is_no_document_is_told(visitor: Visitor, body: str) -> None:
    response = visitor.post("form-submissions", body)
    assert response.status_code == 400
    assert "errors" in json.loads(response.content)


def test_a_body_too_large_is_refused(visitor: Visitor) -> None:
    assert visitor.submit({"mail": "x" * 200_000}).status_code == 413


def test_what_the_page_says_of_itself_is_cut_and_cleaned(visitor: Visitor) -> None:
    response = visitor.submit(
        {"mail": "a@b.se"},
        page=["x"],
        device="fridge",
        anonymous_id={"a": 1},
        utm={"source": "x" * 9_000, "medium": 5, "other": "y"},
        language="x" * 300,
        elapsed_ms="soon",
        time="never",
    )
    assert response.status_code == 202
    row = FormSubmission.objects.get()
    assert (row.page, row.device, row.utm) == ("/", "desktop", {"source": "x" * 200})
