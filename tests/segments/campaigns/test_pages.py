"""The page of the test report: what it asks for, what it shows, and to whom."""

from __future__ import annotations

import pytest
import time_machine

from segmenter.accounts.models import User
from tests.fixtures.cast import SignIn
from tests.segments.campaigns.test_report import CAMPAIGN, NOW, Shop, shop

pytestmark = pytest.mark.django_db

__all__ = ["shop"]


def address(shop: Shop, **more: str) -> dict[str, str]:
    return {"sample": shop.sample.key, "control": shop.control.key, "campaign": CAMPAIGN} | more


def test_a_viewer_reads_the_report(shop: Shop, viewer: User, sign_in: SignIn) -> None:
    with time_machine.travel(NOW, tick=False):
        page = sign_in(viewer).get("/test-report", address(shop)).content.decode()
    for text in (
        "Sample against Control",
        "Wait: nothing is decided yet",
        "12.5% (1 of 8); it should be under 3.0%",
        "50.0%",
        "4 of 8",
        "21.5% to 78.5%",
        "180.00 in all",
        "Too few people to tell.",
    ):
        assert text in page


def test_without_a_campaign_those_they_received_are_offered(
    shop: Shop, viewer: User, sign_in: SignIn
) -> None:
    with time_machine.travel(NOW, tick=False):
        response = sign_in(viewer).get("/test-report", address(shop, campaign=""))
    assert response.context["campaigns"] == [(CAMPAIGN, 14)]
    assert "comparisons" not in response.context


def test_what_is_open_is_asked_for(shop: Shop, viewer: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    assert "Choose a list" in client.get("/test-report").content.decode()
    own = client.get("/test-report", address(shop, control=shop.sample.key))
    assert "A sample cannot be its own control." in own.content.decode()
    goal = client.get("/test-report", address(shop, goal="fame"))
    assert goal.context["goal"] == "ordered"
    nul = client.get("/test-report", address(shop, campaign="a\0b"))
    assert nul.status_code in (200, 400)


@pytest.mark.parametrize("role", ["sample", "control"])
def test_another_account_s_list_is_not_there(
    shop: Shop, stranger: User, viewer: User, sign_in: SignIn, role: str
) -> None:
    assert sign_in(stranger).get("/test-report", address(shop)).status_code == 404
    for wrong in ("nonono", "\0", "²", "9" * 99):
        answer = sign_in(viewer).get("/test-report", address(shop, **{role: wrong}))
        assert answer.status_code in (404, 400)
    page = sign_in(stranger).get("/test-report").content.decode()
    assert "There is no sample yet" in page
    assert "Control" not in page
