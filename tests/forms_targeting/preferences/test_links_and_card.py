"""Columns of files with links for e-mails, and the proofs on a person's page."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from profiles.visitor_tokens import person_of_preferences, profile_of_token
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid
from segments.member_files.column import Shop, columns_of
from tests.fixtures.cast import AT, SignIn
from tests.forms_targeting.visitor import Visitor, publish_form
from tests.segments.member_files.shop import PEOPLE, add_segment, export, let_in

pytestmark = pytest.mark.django_db


def rows_of(path: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(path.read_text(encoding="utf-8-sig"))))


@pytest.mark.django_db(transaction=True)
def test_each_member_has_links_of_their_own(shop: Account, settings: Any, tmp_path: Any) -> None:
    settings.SEGMENTER_PUBLIC_URL = "https://segments.example"
    anna, bo = let_in(add_segment(shop), PEOPLE[:2])
    export("Readers", tmp_path / "x.csv", "--columns", "email,link_token,preference_link")
    rows = {row["email"]: row for row in rows_of(tmp_path / "x.csv")}
    assert len(rows) == 2
    for person in (anna, bo):
        row = rows[str(person.email)]
        assert profile_of_token(shop, row["link_token"], at=now()) == person.pk
        start, _slash, token = row["preference_link"].rpartition("/")
        assert start == "https://segments.example/preferences"
        assert person_of_preferences(token, at=now()) == person


def test_without_a_public_address_there_is_no_link(shop: Account, settings: Any) -> None:
    settings.SEGMENTER_PUBLIC_URL = ""
    columns = Shop(shop, AT)
    assert "link_token" in columns.offers
    assert "preference_link" not in columns.offers
    with pytest.raises(Invalid):
        columns_of(columns, ["preference_link"])


def test_a_persons_page_shows_the_proofs(account: Account, viewer: User, sign_in: SignIn) -> None:
    visitor = Visitor(account, publish_form(account))
    visitor.submit({"mail": "a@b.se"}, {"yes": True}, page="https://shop.example/<script>")
    person = Profile.objects.get()
    page = sign_in(viewer).get(f"/profiles/{person.pk}/").content.decode()
    assert "Proof of consent" in page
    assert "I want news." in page
    assert "Newsletter" in page
    assert "https://shop.example/&lt;script&gt;" in page


def test_a_confirmation_that_is_awaited_is_shown(
    account: Account, viewer: User, sign_in: SignIn
) -> None:
    visitor = Visitor(account, publish_form(account, double_opt_in=True))
    visitor.submit({"mail": "a@b.se"}, {"yes": True})
    page = sign_in(viewer).get(f"/profiles/{Profile.objects.get().pk}/").content.decode()
    assert "awaits confirmation" in page


def test_whoever_never_stated_anything_has_no_card(
    account: Account, viewer: User, sign_in: SignIn
) -> None:
    ingest_profiles(account=account, records=[{"email": "a@b.se"}], at=AT)
    page = sign_in(viewer).get(f"/profiles/{Profile.objects.get().pk}/").content.decode()
    assert "Proof of consent" not in page
