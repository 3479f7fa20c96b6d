"""Pages for marketers: why a visitor sees a form or not, and how many people would see it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from forms_targeting.engine.publishing import pause
from forms_targeting.engine.sites import note_change
from forms_targeting.models import Form
from profiles.lists.editing import add_to_list, create_list
from profiles.models import List, Profile
from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.builders.forms import live_form
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def vips(account: Account, people: list[Profile]) -> Segment:
    return new_segment(account, "Best customers", people[0].pk)


@pytest.fixture
def club(account: Account, people: list[Profile]) -> List:
    group = create_list(account=account, name="Club", at=AT)
    ids = [people[0].pk, people[1].pk]
    add_to_list(account=account, key=group.key, profile_ids=ids, at=AT)
    return group


@pytest.fixture
def form(account: Account, vips: Segment) -> Form:
    rules = [
        {"rule": "segments", "segments": [vips.key]},
        {"rule": "url", "texts": ["/sale"]},
    ]
    return live_form(account, "For the best", rules=rules)[0]


class Pages:
    """The pages of a form as somebody sees them."""

    def __init__(self, sign_in: SignIn, user: User, form: Form) -> None:
        self.client, self.form = sign_in(user), form

    def why(self, **fields: Any) -> str:
        return self._page("why", fields)

    def reach(self) -> str:
        return self._page("reach", {})

    def _page(self, name: str, fields: dict[str, Any]) -> str:
        address = reverse(f"forms_targeting:{name}", args=[self.form.key])
        response = self.client.get(address, fields)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())


@pytest.fixture
def pages(sign_in: SignIn, viewer: User, form: Form) -> Pages:
    return Pages(sign_in, viewer, form)


SALE = "https://shop.example/sale"


def met(page: str) -> list[bool]:
    """Whether each rule is met, in the order of the page."""
    return [part.startswith("met") for part in page.split('class="reason ')[1:]]


def test_each_rule_is_met_or_not(pages: Pages, people: list[Profile]) -> None:
    assert met(pages.why(person=people[0].pk, url=SALE)) == [True, True]
    assert met(pages.why(person=people[1].pk, url=SALE)) == [False, True]
    assert met(pages.why(url=SALE)) == [False, True]
    assert met(pages.why()) == [False, False]


def test_the_verdict_is_what_the_visitor_sees(pages: Pages, people: list[Profile]) -> None:
    page = pages.why(person=people[0].pk, url=SALE)
    assert "sees the form" in page.replace("does not see the form", "")
    assert "The visitor is in “Best customers”." in page
    assert "does not see the form" in pages.why(url=SALE)


def test_a_form_that_is_not_live_is_seen_by_nobody(pages: Pages, people: list[Profile]) -> None:
    pause(form=pages.form, at=AT)
    page = pages.why(person=people[0].pk, url=SALE)
    assert met(page) == [True, True]
    assert "does not see the form" in page
    assert "The form is not live (paused)" in page


def test_a_person_is_chosen_by_a_search_and_the_visit_stays(pages: Pages) -> None:
    anna = Profile.objects.get(email="anna@example.com")
    page = pages.why(q="anna", url=SALE)
    assert f"?person={anna.pk}&amp;url=https%3A%2F%2Fshop.example%2Fsale" in page
    assert "Nobody found" in pages.why(q="zoe")


def test_all_that_is_entered_counts(account: Account, pages: Pages) -> None:
    pages.form.rules = [
        {"rule": "url", "texts": ["/sale"]},
        {"rule": "referrer", "texts": ["google"]},
        {"rule": "device", "devices": ["phone"]},
        {"rule": "language", "languages": ["sv"]},
        {"rule": "country", "countries": ["SE"]},
        {"rule": "utm", "parameter": "medium", "texts": ["mail"]},
        {"rule": "cart_value", "value": 12.5},
        {"rule": "cart_items", "texts": ["tea"], "quantity": 2},
    ]
    pages.form.save()
    visit = {
        "url": SALE,
        "referrer": "https://google.com/",
        "device": "phone",
        "language": "sv-SE",
        "country": "Sweden",
        "utm_medium": "mail",
        "cart_value": "12,5",
        "cart_items": "Green tea\n\nBlack tea",
    }
    assert met(pages.why(**visit)) == [True] * 8
    assert met(pages.why()) == [False] * 8


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("url", "sale", "A whole address is needed"),
        ("referrer", "http://[", "A whole address is needed"),
        ("country", "Atlantis", "is no country that is known here"),
        ("cart_value", "much", "A number is needed here"),
        ("device", "fridge", "This is not one of the choices"),
        ("language", "x" * 36, "At most 35 characters fit here"),
    ],
)
def test_a_visit_that_cannot_be_read_says_why(
    pages: Pages, field: str, text: str, message: str
) -> None:
    page = pages.why(**{field: text})
    assert message in page
    assert "This visit cannot be read." in page
    assert "sees the form" not in page


def test_forms_that_go_first_are_named(account: Account, pages: Pages) -> None:
    other = live_form(account, "For all")[0]
    pages.form.rules = []
    pages.form.save()
    note_change(account, at=AT)
    assert "For all" not in pages.why()
    Form.objects.filter(pk=other.pk).update(priority=0)
    page = pages.why()
    assert "These fit the visit too and go first" in page
    assert "For all" in page


def test_what_is_gone_is_told(pages: Pages, vips: Segment) -> None:
    Segment.objects.filter(pk=vips.pk).delete()
    for page in (pages.why(url=SALE), pages.reach()):
        assert "There is no such segment." in page
        assert "sees the form" not in page.replace("does not see the form", "")


def test_people_are_counted_by_rule_and_together(
    account: Account, pages: Pages, club: List, people: list[Profile]
) -> None:
    pages.form.rules = [
        {"rule": "lists", "lists": [club.key]},
        {"rule": "subscription"},
        {"rule": "url", "texts": ["/sale"]},
    ]
    pages.form.save()
    page = pages.reach()
    assert "<strong>1</strong> of 3 people" in page
    numbers = [part.split("<")[0] for part in page.split('<td class="number">')[1:]]
    assert numbers == ["2", "2"]
    not_counted = page.split("Not counted")[1]
    assert "The address of the page contains “/sale”." in not_counted
    assert reverse("profiles:list", args=[club.key]) in page


def test_strangers_find_nothing(sign_in: SignIn, stranger: User, form: Form) -> None:
    client = sign_in(stranger)
    for name in ("why", "reach"):
        address = reverse(f"forms_targeting:{name}", args=[form.key])
        assert client.get(address).status_code == 404


def test_a_person_of_another_account_is_not_found(pages: Pages, other_account: Account) -> None:
    other = Profile.objects.create(account=other_account, email="x@y.z", created=AT, updated=AT)
    address = reverse("forms_targeting:why", args=[pages.form.key])
    for person in (other.pk, "x", "9" * 30):
        assert pages.client.get(address, {"person": person}).status_code == 404
