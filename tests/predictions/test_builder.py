"""The builder shows what is not predicted, greyed out, with the reason."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from predictions.models import Choices
from predictions.storage.refresh import refresh
from segmenter.accounts.models import Account, User
from segments.builder.forms import ConditionRow, show
from segments.engine.vocabulary import Catalog
from tests.fixtures.cast import SignIn
from tests.predictions.shops import shop_drawn
from tests.predictions.stores import AT, load

pytestmark = pytest.mark.django_db


def condition(dimension: str) -> dict[str, object]:
    return {
        "type": "profile-predictive-analytics",
        "dimension": dimension,
        "filter": {"type": "numeric", "operator": "greater-than", "value": 0.5},
    }


def options(account: Account, dimension: str) -> dict[str, tuple[bool, str]]:
    """Value to (whether it is closed, why) of the choice of predictions."""
    definition = {"condition_groups": [{"conditions": [condition(dimension)]}]}
    row = show(definition, Catalog(account)).groups[0].members[0]
    assert isinstance(row, ConditionRow)
    return {o.value: (o.is_closed, o.group) for o in row.inputs["dimension"].options}


def test_below_the_gate_predictions_are_closed_and_history_is_not(account: Account) -> None:
    load(account, shop_drawn(40, 300))
    refresh(account, AT)
    offers = options(account, "historic_clv")
    closed, why = offers["churn_probability"]
    assert closed
    assert "it takes 500" in why
    assert offers["historic_clv"] == (False, "")
    assert offers["predicted_gender"] == (False, "")


def test_what_is_chosen_already_stays_chosen(account: Account) -> None:
    assert options(account, "churn_probability")["churn_probability"] == (
        False,
        "Predictions have not been computed yet.",
    )


def test_above_the_gate_everything_is_open_but_what_is_never_predicted(account: Account) -> None:
    load(account, shop_drawn(700, 500))
    refresh(account, AT)
    offers = options(account, "historic_clv")
    assert [name for name, (closed, _) in offers.items() if closed] == ["channel_affinity"]
    Choices.objects.create(account=account, guesses_gender=False)
    assert options(account, "historic_clv")["predicted_gender"][0]


def test_suggestions_say_so_too(account: Account, marketer: User, sign_in: SignIn) -> None:
    client: Client = sign_in(marketer)
    text = client.get("/segments/builder/suggest?what=condition&q=churn").content.decode()
    assert 'aria-disabled="true"' in text
    assert "have not been computed yet" in text


def test_a_definition_in_the_address_opens_in_the_builder(
    account: Account, marketer: User, sign_in: SignIn
) -> None:
    definition = {"condition_groups": [{"conditions": [condition("historic_clv")]}]}
    query = {"definition": json.dumps(definition), "name": "Champions"}
    page = sign_in(marketer).get("/segments/new", query)
    assert page.status_code == 200
    assert b'value="Champions"' in page.content
    assert b'<option value="historic_clv" selected>' in page.content
    broken = sign_in(marketer).get("/segments/new", {"definition": "[1"})
    assert broken.status_code == 200
    assert b"historic_clv" not in broken.content
