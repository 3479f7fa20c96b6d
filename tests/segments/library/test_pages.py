"""The pages of the library: cards, sizes, one ready-made segment, the personas."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from segmenter.accounts.models import Account, User
from segments.library.ready_segment import personas, ready_segments
from segments.models import Build, Draft, Segment
from tests.fixtures.cast import Response, SignIn
from tests.segments.library.shop import filled

__all__ = ["filled"]

pytestmark = pytest.mark.django_db

PAGES = ["library", "library-sizes", "library-personas", "library-personas-figures"]
KEYS = [*ready_segments]


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def text_of(response: Response) -> str:
    """The words of a page."""
    plain = re.sub(r"<[^>]*>", " ", response.content.decode())
    return " ".join(unescape(plain).split())


def page_of(key: str) -> str:
    return reverse("segments:library-segment", args=[key])


# --- who may -------------------------------------------------------------------------------------


def test_a_viewer_looks_and_saves_nothing(filled: Account, viewer: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    for name in PAGES:
        response = client.get(reverse(f"segments:{name}"))
        assert response.status_code == 200
        assert "Use:" not in response.content.decode()
        assert 'action="/library' not in response.content.decode()
    assert client.get(page_of("active-buyers")).status_code == 403
    assert client.post(page_of("active-buyers"), {"name": "x"}).status_code == 403
    assert client.get(reverse("segments:library-cards")).status_code == 403
    assert client.post(reverse("segments:library-personas-save")).status_code == 403
    assert not Segment.objects.exists()


def test_without_signing_in_there_is_only_the_way_to_sign_in(account: Account) -> None:
    for name in (*PAGES, "library-cards"):
        response = Client().get(reverse(f"segments:{name}"))
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in?next=")


def test_a_stranger_sees_sizes_and_values_of_their_own_account(
    filled: Account, stranger: User, sign_in: SignIn
) -> None:
    theirs = text_of(sign_in(stranger).get("/library/"))
    assert "Dalarna" in theirs, "the documented value"
    for own in ("Nyhetsbrev", "Latest", "“VIP”", "Chef"):
        assert own not in theirs


def test_what_there_is_not_is_not_found(client: Client) -> None:
    assert client.get(page_of("no-such")).status_code == 404
    assert client.get(reverse("segments:library-outcome", args=["test-sample"])).status_code == 404
    assert client.get("/library/%00/").status_code == 404


# --- the cards -----------------------------------------------------------------------------------


def test_every_segment_has_a_card_with_its_sentence_and_what_to_do(
    client: Client, filled: Account
) -> None:
    page = text_of(client.get("/library/"))
    for _key, ready in ready_segments.items():
        assert str(ready.name) in page
        assert str(ready.next_step) in page
    assert "in the last 4 months." in page


def test_a_card_says_what_is_missing_and_cannot_be_used(client: Client, filled: Account) -> None:
    response = client.get("/library/", {"q": "chronic"})
    assert "Missing here: the metric “Bounced Email”." in text_of(response)
    assert page_of("chronic-soft-bounces") not in response.content.decode()
    assert "Missing here" in text_of(client.get(page_of("chronic-soft-bounces")))
    answer = client.post(page_of("chronic-soft-bounces"), {"name": "Bounces", "do": "save"})
    assert answer.status_code == 422
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("black friday", {"holiday-shoppers"}),
        ("never BOUGHT", {"cross-sell"}),
        ("nearly-lost", {"nearly-lost"}),
        ("welcome story", {"new-subscribers"}),
        ("no such words at all", set()),
    ],
)
def test_cards_are_searched_by_words(
    client: Client, filled: Account, words: str, keys: set[str]
) -> None:
    response = client.get("/library/", {"q": words}, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert "<html" not in page
    assert set(re.findall(r'id="size-[a-z]+-([a-z0-9-]+)"', page)) == keys
    assert ("Nothing like that" in page) == (not keys)


def test_cards_of_a_purpose(client: Client, filled: Account) -> None:
    page = client.get("/library/", {"purpose": "personas"}).content.decode()
    assert set(re.findall(r'id="size-([a-z]+)-', page)) == {"personas"}
    assert page.count('class="card ready-card') == 14
    every = client.get("/library/", {"purpose": "rubbish"}).content.decode()
    assert every.count('class="card ready-card') == len(ready_segments) + 1, "one is in two groups"


def test_sizes_come_to_their_places(client: Client, filled: Account) -> None:
    response = client.get("/library/sizes", {"purpose": "messages", "key": ["high-aov", "low-aov"]})
    page = response.content.decode()
    assert re.findall(r'id="size-messages-([a-z-]+)" hx-swap-oob="true"', page) == [
        "high-aov",
        "low-aov",
    ]
    assert text_of(response) == "1 person 1 person"


def test_each_place_that_waits_for_a_size_gets_one(client: Client, filled: Account) -> None:
    page = unescape(client.get("/library/").content.decode())
    places = set(re.findall(r'id="(size-[^"]+)"', page))
    loads = re.findall(r'hx-get="(/library/sizes[^"]+)"', page)
    arriving = set()
    for address in loads:
        arriving |= set(re.findall(r'id="(size-[^"]+)"', client.get(address).content.decode()))
    assert places == arriving


def test_a_shop_with_nothing_has_a_library(client: Client, account: Account) -> None:
    for name in (*PAGES, "library-cards"):
        assert client.get(reverse(f"segments:{name}")).status_code == 200
    for key in KEYS:
        assert client.get(page_of(key)).status_code == 200, key


def test_the_page_asks_the_database_few_questions(
    client: Client, filled: Account, django_assert_max_num_queries: object
) -> None:
    client.get("/library/")
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        client.get("/library/")


# --- one of them ---------------------------------------------------------------------------------


def test_it_is_saved_with_other_numbers(client: Client, filled: Account) -> None:
    page = text_of(client.get(page_of("nearly-lost")))
    assert re.search(r"\d (people|person) .* of 4", page)
    answer = client.post(
        page_of("nearly-lost"),
        {"name": "Lost ones", "months": "2", "lapsed_months": "9", "do": "save"},
    )
    segment = Segment.objects.get()
    assert answer["Location"] == reverse("segments:detail", args=[segment.key])
    assert segment.name == "Lost ones"
    timeframe = segment.definition["condition_groups"][0]["conditions"][0]["timeframe_filter"]
    assert (timeframe["start"], timeframe["end"]) == (2, 9)
    assert Build.objects.filter(segment=segment).exists()


def test_it_opens_in_the_builder_as_a_draft(
    client: Client, filled: Account, marketer: User
) -> None:
    answer = client.post(page_of("active-buyers"), {"name": "Mine", "months": "7", "do": "build"})
    draft = Draft.objects.get()
    assert (draft.user, draft.name) == (marketer, "Mine")
    assert answer["Location"] == f"/segments/new?draft={draft.key}"
    page = client.get(answer["Location"]).content.decode()
    assert 'value="Mine"' in page
    assert "in the last 7 months" in page
    assert not Segment.objects.exists()


def test_what_is_typed_wrong_is_said_at_its_place_and_nothing_is_saved(
    client: Client, filled: Account
) -> None:
    answer = client.post(page_of("active-buyers"), {"name": "x", "months": "many", "do": "save"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert '<p class="error" id="problem-months">A number is needed here.</p>' in page
    assert 'value="many"' in page
    assert not Segment.objects.exists()


def test_a_name_that_exists_is_refused_and_a_free_one_is_offered(
    client: Client, filled: Account
) -> None:
    for _again in range(2):
        answer = client.post(page_of("inside-eu"), {"name": "In the European Union", "do": "save"})
    assert answer.status_code == 422
    assert 'id="name-problem"' in answer.content.decode()
    assert Segment.objects.count() == 1
    assert 'value="In the European Union (2)"' in client.get(page_of("inside-eu")).content.decode()


def test_the_sentence_and_the_size_follow_what_is_typed(client: Client, filled: Account) -> None:
    address = reverse("segments:library-outcome", args=["frequent-buyers"])
    response = client.get(address, {"times": "2"}, headers={"HX-Request": "true"})
    assert "at least 2 times" in text_of(response)
    assert "1 person 25.0 % of 4" in text_of(response)
    wrong = client.get(address, {"times": "-1"}, headers={"HX-Request": "true"}).content.decode()
    assert 'id="problem-times" hx-swap-oob="true">This must be a number' in wrong


def test_a_value_begins_anew_with_another_property(client: Client, filled: Account) -> None:
    address = reverse("segments:library-outcome", args=["contact-role"])
    typed = {"property": "Role", "property-before": "Title", "value": "Chef"}
    page = client.get(address, typed, headers={"HX-Request": "true"}).content.decode()
    assert "Role is “Buyer”" in unescape(page)
    assert re.search(r'id="field-value" hx-swap-oob="true"', page)
    assert re.search(r'id="before-property"\s+name="property-before"\s+value="Role"', page)
    same = typed | {"property-before": "Role"}
    page = client.get(address, same, headers={"HX-Request": "true"}).content.decode()
    assert "Role is “Chef”" in unescape(page)
    assert 'id="field-value"' not in page


def test_days_are_those_of_an_occasion_or_typed(client: Client, filled: Account) -> None:
    address = page_of("holiday-shoppers")
    page = client.get(address).content.decode()
    for label in ("Black Friday weekend 2025", "Mother’s Day 2025", "Christmas 2025"):
        assert label in page
    assert '<option value="2025-11-28..2025-12-01" selected>' in page
    days = {"period": "other", "period-start": "2025-11-29", "period-end": "2025-11-30"}
    client.post(address, {"name": "Typed", "do": "save", **days})
    assert "2025-11-29" in str(Segment.objects.get().definition)
    wrong = client.post(address, {"name": "x", "do": "save", **days, "period-end": "2025-11-01"})
    assert wrong.status_code == 422
    assert "The last day is before the first one." in wrong.content.decode()
    assert 'value="2025-11-29"' in wrong.content.decode()
    days = {"period": "other", "period-start": "", "period-end": "2025-11-30"}
    none = client.post(address, {"name": "x", "do": "save", **days})
    assert none.status_code == 422
    assert "Choose a first and a last day." in none.content.decode()


def test_customers_are_saved_and_their_export_opens_with_its_columns(
    client: Client, filled: Account
) -> None:
    answer = client.post(page_of("customers-for-clv-export"), {"name": "All", "do": "follow"})
    key = Segment.objects.get().key
    assert answer["Location"] == f"/segments/{key}/exports?set=clv"
    assert client.get(answer["Location"]).status_code == 200


def test_a_win_back_is_saved_and_the_form_of_its_sample_is_filled_in(
    client: Client, filled: Account
) -> None:
    answer = client.post(page_of("just-passing-through"), {"name": "Passing", "do": "follow"})
    page = client.get(answer["Location"]).content.decode()
    assert re.search(r'name="percent"[^>]*value="25"|value="25"[^>]*name="percent"', page)
    assert re.search(r'name="at_least"[^>]*value="1000"|value="1000"[^>]*name="at_least"', page)


def test_a_test_sample_is_of_a_segment_that_exists(
    client: Client, filled: Account, stranger: User, sign_in: SignIn
) -> None:
    assert "No segments yet" in text_of(client.get(page_of("test-sample")))
    client.post(page_of("inside-eu"), {"name": "EU", "do": "save"})
    key = Segment.objects.get().key
    assert "EU" in text_of(client.get(page_of("test-sample")))
    answer = client.get(page_of("test-sample"), {"segment": key})
    assert answer["Location"] == f"/segments/{key}/samples/new"
    theirs = sign_in(stranger).get(page_of("test-sample"), {"segment": key})
    assert theirs.status_code == 404


EVIL = '"><script>alert(1)</script>{{ x }}'


def test_values_cannot_carry_scripts(client: Client, filled: Account) -> None:
    for key in KEYS:
        texts = {p.name: EVIL for p in ready_segments[key].parameters}
        for method, data in ((client.get, texts), (client.post, {"name": EVIL, **texts})):
            response = method(page_of(key), data)
            assert "<script>alert" not in response.content.decode()
            assert response.status_code in (200, 302, 405, 422)


# --- personas ------------------------------------------------------------------------------------


def test_personas_divide_everyone(client: Client, filled: Account) -> None:
    page = text_of(client.get("/library/personas/figures"))
    assert "Everyone: 4 people" in page
    for ready in personas().values():
        assert str(ready.name) in page
    assert "Some personas cannot be counted. Missing here: the metric “Viewed Product”" in page


def test_all_personas_are_saved_once(client: Client, filled: Account) -> None:
    client.post("/library/personas/save")
    assert Segment.objects.count() == 13, "one lacks its metric"
    client.post("/library/personas/save")
    assert Segment.objects.count() == 13
    Segment.objects.filter(name="Dead weight").update(name="Sleepers")
    Segment.objects.filter(name="False starts").delete()
    client.post("/library/personas/save")
    assert sorted(Segment.objects.values_list("name", flat=True)).count("False starts") == 1
    assert Segment.objects.count() == 13


# --- cards elsewhere -----------------------------------------------------------------------------


def test_the_cards_under_an_empty_condition_can_be_used(client: Client, filled: Account) -> None:
    response = client.get("/library/cards")
    page = response.content.decode()
    assert page.count("choice-card") >= 4
    assert "Almost there" in page
    assert f"All {len(ready_segments)} ready-made segments" in text_of(response)
    for address in re.findall(r'href="(/library/[a-z0-9-]+/)"', page):
        assert "Save as segment" in client.get(address).content.decode()
