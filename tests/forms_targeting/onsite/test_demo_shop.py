"""The demo's shop: forms for the people of its segments, and who a visitor can be there."""

from __future__ import annotations

import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from urllib.error import HTTPError

import pytest
from django.core.management import call_command

from forms_targeting.engine.live_forms import live_forms
from forms_targeting.engine.sites import find_site
from forms_targeting.models import Form, FormStatus
from forms_targeting.onsite.demo_shop.forms import FORMS
from forms_targeting.onsite.demo_shop.personas import personas
from forms_targeting.onsite.demo_shop.server import DemoShopServer
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.models import Segment
from tests.builders.visits import form_keys
from tests.forms_targeting.onsite.demo_accounts import SHOP, demo_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(db: None) -> Account:
    return demo_account()


def test_forms_are_live_and_loaded_once(demo: Account) -> None:
    call_command("load_demo_forms", "http://127.0.0.1:8005")
    forms = Form.objects.filter(account=demo)
    assert [form.name for form in forms.order_by("priority", "pk")] == [f.name for f in FORMS]
    assert {form.status for form in forms} == {FormStatus.LIVE}
    assert Segment.objects.filter(account=demo).count() == 3
    site = find_site(demo.site_key, at=now())
    assert site
    assert site.domains == [
        *("127.0.0.1:8001", "localhost:8001"),
        *("127.0.0.1:8005", "localhost:8005"),
    ]
    assert live_forms(site).faults == {}


def test_an_account_without_the_demo_is_left_alone(account: Account) -> None:
    call_command("load_demo_forms", SHOP)
    assert not Form.objects.exists()


def test_each_persona_sees_the_form_of_its_segment_and_no_other_of_a_segment(
    demo: Account,
) -> None:
    expected = {
        "Expected to order soon": "soon Ek",
        "Low lifetime value": "low Ek",
        "Near the shop in Falun": "near Ek",
        "Win-back campaign": "away Ek",
        "Newsletter": "Somebody new",
    }
    keys = dict(Form.objects.filter(account=demo).values_list("name", "key"))
    people = personas(demo, at=now())
    assert {each.expects: each.name for each in people} == expected
    for each in people:
        parameters = dict(part.split("=") for part in each.query.split("&") if part)
        forms = form_keys(
            demo,
            exchange_id=parameters.get("_kx"),
            url=f"{SHOP}/?{each.query}",
            utm={"campaign": parameters.get("utm_campaign", "")},
        )
        assert forms[0] == keys[each.expects], each
        assert set(forms) <= {keys[each.expects], keys["Newsletter"]}, each


@pytest.fixture
def shop_url() -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = DemoShopServer(
        listener,
        server="http://127.0.0.1:8000",
        site_key="AbCdEf",
        list_personas=lambda: [{"name": "Anna"}],
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("path", ["/", "/index.html", "/product.html?p=shoes", "/cart.html"])
def test_pages_load_the_script_under_a_strict_policy(path: str, shop_url: str) -> None:
    with urllib.request.urlopen(shop_url + path) as page:
        html = page.read().decode()
        policy = page.headers["Content-Security-Policy"]
    assert 'src="http://127.0.0.1:8000/onsite/js/AbCdEf/klaviyo.js"' in html
    assert "{{" not in html
    assert "unsafe" not in policy
    assert "script-src 'self' http://127.0.0.1:8000;" in policy


def test_people_to_be_are_listed(shop_url: str) -> None:
    with urllib.request.urlopen(f"{shop_url}/personas.json") as answer:
        assert json.load(answer) == [{"name": "Anna"}]


@pytest.mark.parametrize("path", ["/server.py", "/../server.py", "/%2e%2e/server.py", "/x"])
def test_nothing_but_the_pages_is_served(path: str, shop_url: str) -> None:
    with pytest.raises(HTTPError, match="404"):
        urllib.request.urlopen(shop_url + path)
