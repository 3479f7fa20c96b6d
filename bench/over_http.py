"""How soon the builder shows its counts to a browser: `python -m bench http`.

Web, worker and beat run on the large shop. A marketer signs in and sends the builder's form for
each of the ten segments, as typing would, over one connection; the answer comes with the counts of
the whole and of every part. Only here "now" is the time of the request.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

from bench.against_peers import mirrored
from bench.instance import Instance
from bench.parts import Target
from bench.store import Store
from bench.ten_segments import SEGMENTS
from segmenter.accounts.models import Account, Role, Seat, User
from segmenter.kernel.clock import now
from segments.builder.forms import leaves, show
from segments.definition.codec import decode
from segments.engine.preview import preview
from segments.engine.queries import resolve_names
from segments.engine.vocabulary import Catalog

WARM, TURNS = 8, 15
EMAIL, PASSWORD = "marketer@example.com", "bench-of-the-large-shop"
WORST = "builder's preview over HTTP, worst of ten"
TARGETS = {WORST: Target(most=150)}
_FORM = "application/x-www-form-urlencoded"


def measure(store: Store) -> Iterator[tuple[str, float, str]]:
    """Yield figures for the shop in the store. Raises AssertionError for a count that differs."""
    account = store.account
    mirrored(account)
    _seat(account)
    medians = []
    with Instance(store.folder, keep=True) as instance:
        browser = Browser(instance.address)
        browser.sign_in()
        for name, document in SEGMENTS.items():
            definition = resolve_names(account, document)
            count = preview(account, decode(definition), now()).count
            root = show(definition, Catalog(account), {})
            browser.connection.close()  # the web server may have hung up meanwhile
            form = dict(leaves(root))
            times = []
            for _ in range(WARM + TURNS):  # each of the web's processes has to read it once
                started = perf_counter()
                answer = browser.post("/segments/builder/preview", form)
                times.append((perf_counter() - started) * 1000)
            match = re.search(r'"outlook-count"><strong>([\d,]+)</strong>', answer)
            if match is None or int(match[1].replace(",", "")) != count:
                raise AssertionError(f"{name}: the page does not say {count}")
            medians.append(median(times[WARM:]))
            yield f"{name}: builder's preview over HTTP", medians[-1], "ms"
    yield WORST, max(medians), "ms"


class Browser:
    """One connection to the pages that keeps cookies."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(address, timeout=120)
        self.cookies: dict[str, str] = {}

    def sign_in(self) -> None:
        self._ask("GET", "/sign-in")
        self.post("/sign-in", {"username": EMAIL, "password": PASSWORD}, expected=302)

    def post(self, path: str, form: dict[str, str], *, expected: int = 200) -> str:
        """Send a form and return the answer. Raises AssertionError for another status."""
        status, body = self._ask("POST", path, urlencode(form))
        if status != expected:
            raise AssertionError(f"{path} answers {status}: {body[:300]}")
        return body

    @property
    def token(self) -> str:
        """What a form needs; the cookie's name may have a prefix."""
        return next((v for name, v in self.cookies.items() if name.endswith("csrftoken")), "")

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": _FORM, "X-CSRFToken": self.token}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, cookie in SimpleCookie(header).items():
                self.cookies[name] = cookie.value
        return answer.status, answer.read().decode()


def _seat(account: Account) -> None:
    if not User.objects.filter(email=EMAIL).exists():
        user = User.objects.create_user(EMAIL, PASSWORD, name="Marketer")
        Seat.objects.create(user=user, account=account, role=Role.MARKETER)
