"""Drafts by a language model: what it is told, and that nothing it says is trusted."""

from __future__ import annotations

import json

import pytest
from pytest_django import Settings

from profiles.ingest.store import ingest_events, ingest_profiles
from segmenter.accounts.models import Account
from segments.assistant.drafting import draft_definition
from segments.assistant.model import ModelFailure, complete
from segments.definition.tree import walk
from segments.engine.checking import check_definition
from segments.engine.vocabulary import Catalog
from tests.fixtures.cast import AT
from tests.fixtures.shop_site import ShopAnswer, ShopSite
from tests.segments.assistant.stand_in import PATH, StandIn

pytestmark = pytest.mark.django_db

TEXT = "keen customers"
GOOD = {
    "condition_groups": [
        {
            "conditions": [
                {
                    "type": "profile-metric",
                    "metric": "Placed Order",
                    "measurement": "count",
                    "measurement_filter": {
                        "type": "numeric",
                        "operator": "greater-than-or-equal",
                        "value": 3,
                    },
                    "timeframe_filter": {"type": "date", "operator": "alltime"},
                }
            ]
        }
    ]
}
ANSWER = json.dumps({"definition": GOOD})


@pytest.fixture
def catalog(account: Account) -> Catalog:
    people = [
        {
            "email": "secret.person@example.com",
            "first_name": "Hemlig",
            "properties": {"Shoe size": "fortytwo"},
        }
    ]
    ingest_profiles(account=account, records=people, at=AT)
    event = {
        "metric": "Placed Order",
        "profile": {"email": "secret.person@example.com"},
        "time": AT.isoformat(),
        "properties": {"Coupon": "HUSHHUSH"},
    }
    ingest_events(account=account, records=[event], at=AT)
    return Catalog(account)


def use(settings: Settings, model: StandIn, key: str = "") -> None:
    settings.SEGMENTER_ASSISTANT_URL = model.url
    settings.SEGMENTER_ASSISTANT_KEY = key
    settings.SEGMENTER_ASSISTANT_MODEL = "small"


def test_an_answer_becomes_a_valid_definition(
    catalog: Catalog, shop_site: ShopSite, settings: Settings
) -> None:
    model = StandIn(shop_site, f"Here you are:\n```json\n{ANSWER}\n```")
    use(settings, model)
    definition = draft_definition(TEXT, catalog)
    assert len(list(walk(check_definition(catalog.account, definition)))) > 1
    condition = definition["condition_groups"][0]["conditions"][0]
    assert catalog.metric(condition["metric_id"]) == "Placed Order"


def test_the_model_is_told_the_conditions_and_the_names_and_nothing_about_people(
    catalog: Catalog, shop_site: ShopSite, settings: Settings
) -> None:
    model = StandIn(shop_site, ANSWER)
    use(settings, model, key="sesame")
    draft_definition(TEXT, catalog)
    [request] = model.requests
    document = json.loads(request.body)
    system, user = document["messages"]
    assert (document["model"], document["temperature"]) == ("small", 0)
    assert request.headers["authorization"] == "Bearer sesame"
    assert user == {"role": "user", "content": TEXT}
    for name in ("profile-metric-funnel", "Placed Order", "Coupon", "Shoe size"):
        assert name in system["content"]
    for secret in ("secret.person", "Hemlig", "fortytwo", "HUSHHUSH"):
        assert secret not in request.body


def test_without_a_key_none_is_sent(
    catalog: Catalog, shop_site: ShopSite, settings: Settings
) -> None:
    model = StandIn(shop_site, ANSWER)
    use(settings, model)
    draft_definition(TEXT, catalog)
    assert "authorization" not in model.requests[0].headers


def test_a_bad_answer_is_sent_back_once_with_its_problems(
    catalog: Catalog, shop_site: ShopSite, settings: Settings
) -> None:
    bad = json.dumps({"definition": {"condition_groups": [{"conditions": [{"type": "magic"}]}]}})
    model = StandIn(shop_site, bad, ANSWER)
    use(settings, model)
    assert draft_definition(TEXT, catalog)["condition_groups"]
    first, second = model.conversations
    assert second[:2] == first
    assert second[2] == {"role": "assistant", "content": bad}
    assert "/condition_groups/0/conditions/0/type" in second[3]["content"]


def test_unknown_names_are_never_guessed(
    catalog: Catalog, shop_site: ShopSite, settings: Settings
) -> None:
    answer = ANSWER.replace("Placed Order", "Place Order")
    model = StandIn(shop_site, answer)
    use(settings, model)
    with pytest.raises(ModelFailure, match="Place Order"):
        draft_definition(TEXT, catalog)
    assert len(model.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I cannot.",
        "[]",
        "{",
        '{"definition": 5}',
        '{"definition": {}}',
        '{"definition": {"condition_groups": []}}',
        '{"definition": ' + '{"not": ' * 5000 + "1" + "}" * 5001,
        ANSWER.replace("Placed Order", "\\u0000"),
        ANSWER.replace(": 3", ": 1e999"),
    ],
)
def test_rubbish_is_refused(
    answer: str, catalog: Catalog, shop_site: ShopSite, settings: Settings
) -> None:
    use(settings, StandIn(shop_site, answer))
    with pytest.raises(ModelFailure):
        draft_definition(TEXT, catalog)


def test_what_cannot_be_said_is_said(
    catalog: Catalog, shop_site: ShopSite, settings: Settings
) -> None:
    answer = '{"definition": null, "problem": "There is no metric of weather."}'
    use(settings, StandIn(shop_site, answer))
    with pytest.raises(ModelFailure, match="no metric of weather"):
        draft_definition(TEXT, catalog)


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_a_failure_of_the_model_is_an_error_in_words(
    status: int, catalog: Catalog, shop_site: ShopSite, settings: Settings
) -> None:
    use(settings, StandIn(shop_site, ANSWER, status=status))
    with pytest.raises(ModelFailure, match=str(status)):
        draft_definition(TEXT, catalog)


@pytest.mark.parametrize("body", ["", "null", "[]", '{"choices": []}', '{"choices": [{}]}', "<p>"])
def test_an_answer_of_another_api_is_refused(
    body: str, shop_site: ShopSite, settings: Settings
) -> None:
    use(settings, StandIn(shop_site, ANSWER))
    shop_site.answers[PATH] = ShopAnswer(body, "application/json")
    with pytest.raises(ModelFailure, match="no answer"):
        complete([{"role": "user", "content": TEXT}])


def test_nobody_at_the_address_is_an_error_in_words(settings: Settings) -> None:
    settings.SEGMENTER_ASSISTANT_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(ModelFailure, match="cannot be reached"):
        complete([{"role": "user", "content": TEXT}])
