"""Decisions: who is proven sees their forms at once, all others those for unknown visitors."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as drawn
from hypothesis import strategies as st
from pytest_django import Settings

from forms_targeting.engine.sites import site_of
from forms_targeting.models import Form, FormVersion, Site
from profiles.ingest.store import ingest_profiles
from profiles.lists.editing import add_to_list, create_list, remove_from_list
from profiles.models import Profile
from profiles.visitor_tokens import visitor_token
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.models import Membership, Segment
from tests.builders.forms import CONTENT, live_form
from tests.builders.shops import new_segment
from tests.builders.visits import PATH, decide, form_keys, signed
from tests.draws import draws
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db
ORIGIN = "https://shop.example"


@pytest.fixture
def vips(account: Account, people: list[Profile]) -> Segment:
    return new_segment(account, "VIP", people[0].pk)


@pytest.fixture
def vip_form(account: Account, vips: Segment) -> Form:
    rules = [{"rule": "segments", "segments": [vips.key]}]
    return live_form(account, "For VIPs", rules=rules)[0]


def token_of(account: Account, profile: Profile) -> str:
    return visitor_token(account, profile.pk, at=now())


def test_the_answer_holds_the_form_and_nothing_else(
    account: Account, vips: Segment, vip_form: Form, people: list[Profile]
) -> None:
    response = decide(account, exchange_id=token_of(account, people[0]), languages=["en-GB"])
    (resource,) = response.json()["data"]
    version = FormVersion.objects.get(form=vip_form)
    assert list(response.json()) == ["data"]
    assert resource["type"] == "form-decision"
    assert resource["id"] == vip_form.key
    assert resource["attributes"].keys() == {"version_id", "content", "behavior"}
    assert resource["attributes"]["version_id"] == version.key
    assert resource["attributes"]["content"]["steps"][0]["blocks"][0]["text"] == "News from us"
    assert resource["attributes"]["behavior"]["triggers"] == [{"trigger": "at_once"}]
    assert vips.key not in response.content.decode()
    assert "VIP" not in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_membership_counts_as_soon_as_it_is_committed(
    account: Account, vips: Segment, vip_form: Form, people: list[Profile]
) -> None:
    bo = {"exchange_id": token_of(account, people[1])}
    assert form_keys(account, **bo) == []
    Membership.objects.create(account=account, segment=vips, profile=people[1], entered=AT)
    assert form_keys(account, **bo) == [vip_form.key]
    Membership.objects.filter(segment=vips, profile=people[1]).delete()
    assert form_keys(account, **bo) == []


def test_lists_and_consents_count_as_soon_as_they_are_committed(
    account: Account, people: list[Profile]
) -> None:
    group = create_list(account=account, name="Club", at=AT)
    club = live_form(account, "Club", rules=[{"rule": "lists", "lists": [group.key]}])[0]
    ask = live_form(account, "Ask", rules=[{"rule": "subscription"}])[0]
    bo = {"jwt": signed(account, email="bo@example.com")}
    assert form_keys(account, **bo) == [ask.key]
    add_to_list(account=account, key=group.key, profile_ids=[people[1].pk], at=AT)
    consent = {"email": {"marketing": {"consent": "SUBSCRIBED"}}}
    record = {"email": "bo@example.com", "subscriptions": consent}
    ingest_profiles(account=account, records=[record], at=now())
    assert form_keys(account, **bo) == [club.key]
    remove_from_list(account=account, key=group.key, profile_ids=[people[1].pk], at=AT)
    assert form_keys(account, **bo) == []


def test_a_consent_that_has_not_begun_does_not_count(
    account: Account, people: list[Profile]
) -> None:
    form = live_form(account, rules=[{"rule": "subscription"}])[0]
    people[1].consents.create(
        account=account,
        channel="email",
        status="subscribed",
        status_date=now().replace(year=2999),
        recorded=AT,
    )
    assert form_keys(account, jwt=signed(account, email="bo@example.com")) == [form.key]


def test_unknown_visitors_are_in_nothing_and_excluded_from_nothing(
    account: Account, vips: Segment, vip_form: Form, people: list[Profile]
) -> None:
    rule = {"rule": "segments", "operator": "none", "segments": [vips.key]}
    others = live_form(account, "For others", rules=[rule])[0]
    unknown = live_form(account, "New", rules=[{"rule": "identity", "visitors": "unknown"}])[0]
    assert form_keys(account) == [others.key, unknown.key]
    assert form_keys(account, exchange_id=token_of(account, people[0])) == [vip_form.key]
    assert form_keys(account, exchange_id=token_of(account, people[1])) == [others.key]


def test_an_address_or_an_id_that_a_page_tells_proves_nothing(
    account: Account, vip_form: Form, people: list[Profile]
) -> None:
    Profile.objects.filter(pk=people[0].pk).update(anonymous_id="device-1")
    anna = {"email": "anna@example.com", "external_id": "A-1", "id": str(people[0].pk)}
    for attributes in (anna, {"profile": anna}, {"anonymous_id": "device-1"}):
        assert form_keys(account, **attributes) == []
    assert form_keys(account, exchange_id=str(people[0].pk)) == []


def test_the_page_decides_too(account: Account) -> None:
    rules = [
        {"rule": "url", "texts": ["/sale"]},
        {"rule": "utm", "texts": ["spring*"]},
        {"rule": "device", "devices": ["phone"]},
        {"rule": "language", "languages": ["sv"]},
        {"rule": "cart_value", "value": 10},
        {"rule": "cart_items", "texts": ["tea"], "quantity": 2},
        {"rule": "referrer", "texts": ["google"]},
    ]
    form = live_form(account, rules=rules)[0]
    visit: dict[str, Any] = {
        "url": "https://shop.example/sale?x=1",
        "referrer": "https://www.google.com/",
        "languages": ["sv-SE", "en"],
        "device": "phone",
        "utm": {"campaign": "Spring 2026", "unknown": 5},
        "cart": {
            "value": 12.5,
            "items": [{"id": 7, "name": "Green tea", "quantity": 2, "value": 5}],
        },
    }
    assert form_keys(account, **visit) == [form.key]
    for name in visit:
        assert form_keys(account, **{**visit, name: None}) == [], name


def test_the_country_is_what_the_proxy_tells(account: Account, settings: Settings) -> None:
    form = live_form(account, rules=[{"rule": "country", "countries": ["Sweden"]}])[0]

    def keys(**headers: str) -> list[str]:
        response = Client(headers=headers).post(
            f"{PATH}?company_id={account.site_key}",
            {"data": {"type": "form-decision"}},
            content_type="application/json",
        )
        return [each["id"] for each in response.json()["data"]]

    assert keys(CF_IPCountry="SE") == []
    settings.SEGMENTER_COUNTRY_HEADER = "CF-IPCountry"
    assert keys(CF_IPCountry="SE") == [form.key]
    assert keys(CF_IPCountry="se") == [form.key]
    for text in ("DK", "XX", "T1", "Sweden", ""):
        assert keys(CF_IPCountry=text) == []
    assert keys() == []


def test_texts_come_in_the_visitors_language(account: Account) -> None:
    content = {**CONTENT, "translations": {"sv": {"title.text": "Nytt från oss"}}}
    live_form(account, content=content)
    for languages, text in ((["sv-SE"], "Nytt från oss"), (["de", "sv"], "Nytt från oss")):
        document = decide(account, languages=languages).json()["data"][0]["attributes"]["content"]
        assert document["steps"][0]["blocks"][0]["text"] == text
    document = decide(account, languages=["de"]).json()["data"][0]["attributes"]["content"]
    assert document["language"] == "en"


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"url": 5}, "/url"),
        ({"url": "x" * 8_001}, "/url"),
        ({"referrer": ["x"]}, "/referrer"),
        ({"languages": "sv"}, "/languages"),
        ({"languages": [5]}, "/languages/0"),
        ({"languages": ["sv"] * 21}, "/languages"),
        ({"languages": ["sv", "x" * 36]}, "/languages/1"),
        ({"device": "fridge"}, "/device"),
        ({"utm": []}, "/utm"),
        ({"utm": {"source": 5}}, "/utm/source"),
        ({"utm": {"source": "x" * 501}}, "/utm/source"),
        ({"cart": 5}, "/cart"),
        ({"cart": {"value": "12"}}, "/cart/value"),
        ({"cart": {"value": True}}, "/cart/value"),
        ({"cart": {"items": {}}}, None),
        ({"cart": {"items": {"a": 1}}}, "/cart/items"),
        ({"cart": {"items": [5]}}, "/cart/items/0"),
        ({"cart": {"items": [{}] * 201}}, "/cart/items"),
        ({"cart": {"items": [{"id": [5]}]}}, "/cart/items/0/id"),
        ({"cart": {"items": [{"quantity": "two"}]}}, "/cart/items/0/quantity"),
        ({"exchange_id": 5}, "/exchange_id"),
        ({"jwt": {}}, "/jwt"),
        ({"jwt": "x" * 4_001}, "/jwt"),
        ({"anonymous_id": 5}, "/anonymous_id"),
        ({"url": "\ud800"}, "/url"),
        ({"url": "\0"}, "/url"),
        ({"whatever": {"deep": [1]}, "email": 5}, None),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(
    account: Account, attributes: dict[str, Any], pointer: str | None
) -> None:
    response = decide(account, **attributes)
    if pointer is None:
        assert response.status_code == 200
        return
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["source"]["pointer"] == f"/data/attributes{pointer}"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (" ", "application/json", 400),
        ("[]", "application/json", 400),
        ("{", "application/json", 400),
        ('{"data": {"type": "form"}}', "application/json", 400),
        ('{"data": {"type": "form-decision", "attributes": []}}', "application/json", 400),
        ("{}", "text/plain", 415),
        ('{"data": "' + "x" * 100_000 + '"}', "application/json", 413),
    ],
)
def test_a_body_that_is_none_is_refused(
    account: Account, body: str, content_type: str, status: int
) -> None:
    path = f"{PATH}?company_id={account.site_key}"
    response = Client().post(path, body, content_type=content_type)
    assert response.status_code == status
    assert response.json()["errors"]


def test_an_unknown_site_is_not_found(account: Account) -> None:
    for key in ("", "XXXXXX", "ABCDEFG", "\0"):
        response = Client().post(f"{PATH}?company_id={key}", {}, content_type="application/json")
        assert response.status_code == 404


def test_pages_of_the_shop_may_read_the_answer_and_others_may_not(account: Account) -> None:
    site = site_of(account, at=AT)
    Site.objects.filter(pk=site.pk).update(domains=["shop.example"])
    path = f"{PATH}?company_id={account.site_key}"
    preflight = Client(headers={"Origin": ORIGIN}).options(path)
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in preflight["Access-Control-Allow-Methods"]
    body = {"data": {"type": "form-decision"}}
    own = Client(headers={"Origin": ORIGIN}).post(path, body, content_type="application/json")
    assert own["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in own
    other = Client(headers={"Origin": "https://evil.example"})
    foreign = other.post(path, body, content_type="application/json")
    assert foreign.status_code == 403
    assert "Access-Control-Allow-Origin" not in foreign


def test_a_decision_takes_few_queries(
    account: Account, vip_form: Form, people: list[Profile], django_assert_num_queries: Any
) -> None:
    token = token_of(account, people[0])
    decide(account)
    with django_assert_num_queries(1):
        decide(account)
    with django_assert_num_queries(1):
        decide(account, email="anna@example.com", exchange_id="rubbish")
    with django_assert_num_queries(3):
        decide(account, exchange_id=token)


TEXTS = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["exchange_id", "jwt", "anonymous_id", "url", "referrer", "languages", "device", "utm", "cart"]
)


@drawn(
    max_examples=draws(40, nightly=2_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_nothing_that_a_page_tells_breaks_the_server(
    account: Account, attributes: dict[str, Any]
) -> None:
    response = decide(account, **attributes)
    assert response.status_code in {200, 400}, response.content


def targeting(account: Account, **identifiers: Any) -> Any:
    data = base64.b64encode(json.dumps(identifiers).encode()).decode()
    path = "/forms/api/v4/groups-targeting"
    return Client().get(path, {"data": data})


def test_klaviyos_address_of_groups_tells_those_of_a_proven_visitor(
    account: Account, vips: Segment, vip_form: Form, people: list[Profile]
) -> None:
    new_segment(account, "No form asks", people[0].pk)
    site = {"company_id": account.site_key}
    token = token_of(account, people[0])
    answer = targeting(account, **site, exchange_id=token)
    assert answer.json() == {"groups": [vips.key]}
    unknown = targeting(account, **site)
    for identifiers in (
        {"email": "anna@example.com", "id": "A-1"},
        {"exchange_id": "rubbish"},
        {"exchange_id": ["x"]},
        {"exchange_id": token_of(account, people[1])},
    ):
        answer = targeting(account, **site, **identifiers)
        assert answer.content == unknown.content == b'{"groups":[]}'
        assert answer.headers == unknown.headers


@pytest.mark.parametrize("data", ["", "x", "!!!", "W10=", "eyJ9", "/w==", "A" * 9_000])
def test_klaviyos_address_of_groups_refuses_what_it_cannot_read(data: str) -> None:
    response = Client().get("/forms/api/v4/groups-targeting", {"data": data})
    assert response.status_code == 400
    assert response.json()["errors"][0]["source"] == {"parameter": "data"}


def test_klaviyos_address_of_groups_needs_a_site(account: Account) -> None:
    assert targeting(account, company_id="XXXXXX").status_code == 404
    assert targeting(account, company_id=5).status_code == 404
    assert targeting(account).status_code == 404


def test_klaviyos_address_of_forms_tells_no_rules(account: Account, vip_form: Form) -> None:
    response = Client().get(f"/forms/api/v7/{account.site_key}/full-forms")
    assert response.json()["full_forms"] == []
    assert Client().get("/forms/api/v7/XXXXXX/full-forms").status_code == 404


def test_klaviyos_address_of_places_tells_the_callers_country(settings: Settings) -> None:
    path = "/forms/api/v3/geo-ip"
    assert Client(headers={"CF-IPCountry": "SE"}).get(path).json()["country_code"] is None
    settings.SEGMENTER_COUNTRY_HEADER = "CF-IPCountry"
    response = Client(headers={"CF-IPCountry": "SE"}).get(path)
    assert response.json() == {"country_code": "SE", "is_in_eu": True}
    assert Client(headers={"CF-IPCountry": "US"}).get(path).json()["is_in_eu"] is False
    assert Client().post(path).status_code == 405
