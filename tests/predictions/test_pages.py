"""The pages of predictions: access, figures and links."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from predictions.models import Choices, Day, Prediction, Run, RunStatus, Upkeep
from predictions.numerics.bands import Risk
from predictions.pages import content
from predictions.pages.charts import forecast_chart
from predictions.pages.person_card import history
from predictions.storage.queries import accounts_due
from predictions.storage.refresh import refresh
from predictions.storage.serialization import models_of
from profiles.columns.gather import all_of
from profiles.models import Metric, Profile
from segmenter.accounts.models import Account, User
from segments.definition.codec import decode
from segments.engine.evaluate import Evaluation
from tests.fixtures.cast import SignIn
from tests.predictions.shops import START, log, shop_drawn
from tests.predictions.stores import AT, DAYS, load

pytestmark = pytest.mark.django_db

READ = ["/predictions/"]
WRITE = ["/predictions/settings"]


@pytest.fixture
def predicted(account: Account) -> Account:
    load(account, shop_drawn(700, DAYS))
    refresh(account, AT)
    return account


def test_roles(
    account: Account, owner: User, marketer: User, viewer: User, sign_in: SignIn
) -> None:
    for path in (*READ, *WRITE):
        assert Client().get(path).status_code == 302
        assert sign_in(owner).get(path).status_code == 200
        assert sign_in(marketer).get(path).status_code == 200
    assert sign_in(viewer).get("/predictions/").status_code == 200
    assert sign_in(viewer).get("/predictions/settings").status_code == 403
    assert sign_in(viewer).post("/predictions/again").status_code == 403
    assert sign_in(marketer).get("/predictions/again").status_code == 405


def test_a_stranger_sees_nothing_of_it(predicted: Account, stranger: User, sign_in: SignIn) -> None:
    text = sign_in(stranger).get("/predictions/").content.decode()
    assert "Nothing is predicted yet" in text
    assert "Champions" not in text
    person = Profile.objects.filter(account=predicted).first()
    assert person is not None
    assert sign_in(stranger).get(f"/profiles/{person.pk}/").status_code == 404


def test_a_viewer_sees_counts_without_ways_to_make_segments(
    predicted: Account, viewer: User, marketer: User, sign_in: SignIn
) -> None:
    page = sign_in(viewer).get("/predictions/").content.decode()
    assert "Champions" in page
    assert "/segments/new?" not in page
    assert "/segments/new?" in sign_in(marketer).get("/predictions/").content.decode()


def count(account: Account, href: str) -> int:
    """How many people a link's definition holds."""
    query = parse_qs(urlsplit(href).query)
    tree = decode(json.loads(query["definition"][0]))
    return int(Evaluation(all_of(account), AT).mask(tree).sum())


def test_every_count_is_what_its_link_finds(predicted: Account) -> None:
    day = Day.objects.get(account=predicted)
    choices = Choices(account=predicted)
    tiles = [*content.group_tiles(day, None), *content.risk_tiles(day, None, choices)]
    assert len(tiles) == 9
    for tile in tiles:
        assert count(predicted, tile.href) == tile.size, tile.key
    cells = [cell for row in content.grid_rows(day) for cell in row.cells]
    assert len(cells) == 27
    for cell in cells:
        assert count(predicted, cell.href) == cell.size, cell.code


def test_codes_of_one_group_that_differ_by_recency_lead_apart(account: Account) -> None:
    # Six orders of little value each, half of the customers long ago: 231 and 131 are one group.
    rows = [(c, d + 0.5, 200.0) for c in range(600) for d in (DAYS - 20,)]
    rows += [(600 + c, 100 + 8 * i + 0.5, 1.0) for c in range(100) for i in range(6)]
    rows += [(700 + c, 250 + 8 * i + 0.5, 1.0) for c in range(80) for i in range(6)]
    load(account, log(rows))
    refresh(account, AT)
    day = Day.objects.get(account=account)
    cells = {cell.code: cell for row in content.grid_rows(day) for cell in row.cells}
    assert sum(cell.size for cell in cells.values()) == 780
    for cell in cells.values():
        assert count(account, cell.href) == cell.size, cell.code


def test_settings_are_kept_and_ask_for_a_fit(
    account: Account, people: list[Profile], marketer: User, sign_in: SignIn
) -> None:
    load(account, log([(0, 1.5, 9.0)]), "Bought")
    key = Metric.objects.get(account=account, name="Bought").key
    form = {
        "order_metric": key,
        "refund_metric": "none",
        "cancel_metric": "by-name",
        "medium_from": "20",
        "high_from": "80",
        "gender_note": "Not asked for.",
    }
    assert sign_in(marketer).post("/predictions/settings", form).status_code == 302
    choices = Choices.objects.get(account=account)
    assert (choices.order_metric, choices.refund_metric, choices.cancel_metric) == (key, "", None)
    assert (choices.medium_from, choices.high_from, choices.guesses_gender) == (0.2, 0.8, False)
    # Without a worker of its own, the task has run at once.
    assert Upkeep.objects.get(account=account).asked is None
    assert Prediction.objects.get(account=account, profile__external_id="c0").historic_clv == 9
    page = sign_in(marketer).get("/predictions/settings").content.decode()
    assert f'<option value="{key}" selected>Bought</option>' in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_metric": "nosuch"},
        {"medium_from": "70", "high_from": "60"},
        {"medium_from": "nan"},
        {"high_from": "1000"},
    ],
)
def test_settings_that_make_no_sense_are_refused(
    account: Account, marketer: User, sign_in: SignIn, wrong: dict[str, str]
) -> None:
    form = {
        "order_metric": "by-name",
        "refund_metric": "none",
        "cancel_metric": "none",
        "medium_from": "20",
        "high_from": "80",
        **wrong,
    }
    assert sign_in(marketer).post("/predictions/settings", form).status_code == 422
    assert not Choices.objects.exists()


def test_a_run_that_was_held_back_is_told(
    predicted: Account, viewer: User, sign_in: SignIn
) -> None:
    run = Run.objects.get(account=predicted)
    run.pk, run.status, run.started = None, RunStatus.HELD_BACK, AT + timedelta(hours=1)
    run.save()
    text = sign_in(viewer).get("/predictions/").content.decode()
    assert "did not pass its test" in text


def test_what_failed_is_told(account: Account, viewer: User, sign_in: SignIn) -> None:
    Upkeep.objects.create(account=account, failed=AT, error="ValueError: <b>")
    text = sign_in(viewer).get("/predictions/").content.decode()
    assert "ValueError: &lt;b&gt;" in text


def test_a_persons_card(predicted: Account, viewer: User, sign_in: SignIn) -> None:
    row = Prediction.objects.filter(account=predicted).order_by("-historic_number_of_orders")[0]
    text = sign_in(viewer).get(f"/profiles/{row.profile_id}/").content.decode()
    assert "Churn risk" in text
    assert "Next order around" in text
    assert "Spent so far" in text


def test_a_persons_card_below_the_gate(
    account: Account, people: list[Profile], viewer: User, sign_in: SignIn
) -> None:
    before = sign_in(viewer).get(f"/profiles/{people[0].pk}/").content.decode()
    assert "have not been computed yet" in before
    refresh(account, AT)
    text = sign_in(viewer).get(f"/profiles/{people[0].pk}/").content.decode()
    assert "it takes 500" in text
    assert "300.00" in text
    assert "likely female" in text


def test_risk_rises_while_somebody_stays_away_and_falls_with_an_order(predicted: Account) -> None:
    model, _spend = models_of(Run.objects.get(account=predicted))
    assert model is not None
    days = [START, START + 20, START + 40]
    chart, rows = history(model, days, START + 400, (0.3333, 0.6667))
    assert chart is not None
    assert rows[-1].risk is Risk.HIGH
    assert Risk.HIGH not in {row.risk for row in rows[:-2]}
    assert history(model, [START], START, (0.3, 0.6)) == (None, [])
    assert history(model, [], START, (0.3, 0.6)) == (None, [])


def test_the_page_reads_a_few_rows_only(
    predicted: Account,
    viewer: User,
    sign_in: SignIn,
    django_assert_max_num_queries: object,
) -> None:
    client = sign_in(viewer)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        client.get("/predictions/")


def test_new_accounts_are_predicted_at_once(account: Account, people: list[Profile]) -> None:
    assert accounts_due(AT) == [account.pk]


def test_the_parts_of_a_bar_fill_it_once(predicted: Account) -> None:
    day = Day.objects.get(account=predicted)
    for tiles in (content.group_tiles(day, None), content.risk_tiles(day, None, Choices())):
        parts = content.divided(tiles)
        assert parts[0][1] == 0
        assert sum(width for _tile, _start, width in parts) == pytest.approx(100)
        for (_a, start, width), (_b, following, _w) in pairwise(parts):
            assert start + width == pytest.approx(following)


@pytest.mark.parametrize(
    ("cutoff", "first"), [(date(2026, 11, 28), "Dec 2026"), (date(2026, 11, 30), "Nov 2026")]
)
def test_the_chart_of_the_forecast_begins_with_a_whole_month(cutoff: date, first: str) -> None:
    months = ["2026-11-01", "2026-12-01", "2027-01-01"]
    amounts = {"expected": [1.0, 30.0, 29.0], "low": [0.5, 20.0, 20.0], "high": [2.0, 40.0, 40.0]}
    chart = forecast_chart({"months": months, "orders": amounts}, "orders", cutoff)
    assert chart.labels[0].text == first


def test_a_bar_of_nothing_has_no_parts() -> None:
    assert content.divided([]) == []
