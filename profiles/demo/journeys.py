"""The events of one made-up person: messages, visits, carts, orders, forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from profiles.demo.catalogue import CURRENCY, Product, pick
from profiles.demo.mailings import Mailing
from profiles.demo.people import DemoPerson
from profiles.demo.seasons import DAY, DAYS, Seasons, hour_of_day, iso

_MINUTE = 60
_HOUR = 3600
_DEVICES = ("mobile", "mobile", "mobile", "desktop", "tablet")
_MAIL_PROGRAMS = ("Gmail", "Gmail", "Outlook", "Yahoo Mail", "Thunderbird")
_REASONS = ("Wrong size", "Changed mind", "Damaged", "Too late")
_ROBOT_FREE = 0.12
"""Share of an Apple Mail user's opens that happen in other programs and count as a person's."""


@dataclass(slots=True)
class Journey:
    """The events of one person, collected in `events` in the exchange format.

    Moments are seconds since 1970. Events on or after `end` are left out.
    """

    person: DemoPerson
    draw: Random
    end: int
    events: list[dict[str, Any]] = field(default_factory=list)
    _count: int = 0
    _orders: int = 0

    def happen(
        self, metric: str, moment: int, properties: dict[str, Any], value: float | None = None
    ) -> None:
        """Add an event; its unique id counts the person's events, including those after the end."""
        self._count += 1
        if moment < self.end:
            self.events.append(
                {
                    "metric": metric,
                    "time": iso(moment),
                    "value": value,
                    "unique_id": f"ff-{self.person.number}-{self._count}",
                    "properties": properties,
                    "profile": self.person.identifiers,
                }
            )

    # Messages

    def read_emails(self, emails: tuple[Mailing, ...]) -> None:
        """Let the person receive, open and click what was sent while they were subscribed."""
        consent = self.person.email_consent
        if consent is None:
            return
        country = self.person.city.country if self.person.city is not None else None
        for mailing in emails:
            if mailing.moment < consent.since:
                continue
            last = mailing.number == consent.last_mailing
            message = mailing.message
            is_interested = consent.offers or message.code is None
            if not last and not (is_interested and message.country in (None, country)):
                continue
            self._receive(mailing, ending=consent.ending if last else None, until=consent.until)
            if last:
                return

    def _receive(self, mailing: Mailing, *, ending: str | None, until: int | None) -> None:
        draw, person = self.draw, self.person
        about = {"Campaign Name": mailing.message.name, "Subject": mailing.message.subject}
        arrival = mailing.moment + int(draw.random() * 300)
        if ending == "bounce" or draw.random() < (0.7 if person.chronic else 0.004):
            hard = ending == "bounce"
            self.happen(
                "Bounced Email", arrival, about | {"Bounce Type": "hard" if hard else "soft"}
            )
            return
        offer = {"Discount Code": mailing.message.code} if mailing.message.code else {}
        self.happen("Received Email", arrival, about | offer)
        if ending is not None:
            assert until is not None
            metric = "Unsubscribed" if ending == "unsubscribe" else "Marked Email as Spam"
            self._open(about, max(arrival + 1, until - 40), by_robot=False)
            self.happen(metric, max(arrival + 2, until), about)
            return

        reads = self._inside(person.reads, mailing.moment)
        devoted = person.devoted and mailing.moment > self.end - 62 * DAY
        if not reads:
            return
        if person.apple and draw.random() < 0.5:
            self._open(about, arrival + int(draw.random() * 5 * _HOUR), by_robot=True)
        if devoted or draw.random() < person.opens:
            # Devoted people read on the same day, so also e-mails of the last day.
            pause = draw.expovariate(1 / 5.0) if not devoted else draw.random() * 8
            open_time = arrival + 30 + int(pause * _HOUR)
            by_robot = person.apple and draw.random() > _ROBOT_FREE
            self._open(about, open_time, by_robot=by_robot)
            if draw.random() < (0.18 if mailing.message.form else 0.09):
                self._click(mailing, open_time + 5 + int(draw.random() * 60))

    def _open(self, about: dict[str, str], moment: int, *, by_robot: bool) -> None:
        program = "Apple Mail" if by_robot else _MAIL_PROGRAMS[self.person.number % 5]
        self.happen(
            "Opened Email",
            moment,
            about | {"Apple Privacy Open": by_robot, "Mail Program": program},
        )

    def _click(self, mailing: Mailing, moment: int) -> None:
        about = {"Campaign Name": mailing.message.name, "Subject": mailing.message.subject}
        form = mailing.message.form
        page = "/trail-evening" if form else "/new"
        self.happen("Clicked Email", moment, about | {"URL": f"https://shop.example{page}"})
        self.happen("Active on Site", moment + 2, {"Page": page, "Device": self._device()})
        if form is None:
            self._view(pick_for(self), moment + 20)
        elif self.draw.random() < 0.45:
            wait = 60 + int(self.draw.expovariate(1 / (6 * _HOUR)))
            self.happen("Submitted Form", moment + wait, {"Form": form, "Page": page})

    def read_texts(self, texts: tuple[Mailing, ...]) -> None:
        """Let the person receive and click the text messages of the time they agreed to them."""
        agreed = self.person.text_consent
        if agreed is None:
            return
        for mailing in texts:
            if agreed.since <= mailing.moment and (
                agreed.until is None or mailing.moment < agreed.until
            ):
                about = {"Campaign Name": mailing.message.name}
                arrival = mailing.moment + int(self.draw.random() * 120)
                self.happen("Received SMS", arrival, about)
                if self.draw.random() < 0.13:
                    clicked = arrival + 20 + int(self.draw.random() * 4 * _HOUR)
                    self.happen("Clicked SMS", clicked, about)

    # On the site

    def fill_in_forms(self, *, quiz: bool) -> None:
        """Let the person have signed up, done the quiz, and now and then asked something."""
        agreed = self.person.email_consent
        start = self.end - DAYS * DAY
        if agreed is not None and agreed.method == "FORM" and agreed.since > start:
            self.happen("Submitted Form", agreed.since, {"Form": agreed.detail, "Page": "/"})
        if quiz:
            moment = self.person.joined + int(self.draw.random() * 5 * DAY)
            if moment > start:
                self.happen("Submitted Form", moment, {"Form": "Gear quiz", "Page": "/quiz"})
        if self.person.visits is not None and self.draw.random() < 0.03:
            earliest = max(start, self.person.joined)
            moment = earliest + int(self.draw.random() * (self.end - earliest))
            self.happen("Submitted Form", moment, {"Form": "Contact us", "Page": "/contact"})

    def visit(self, seasons: Seasons) -> None:
        """Let the person look around, and sometimes leave a cart behind."""
        person, draw = self.person, self.draw
        window = person.visits
        if window is None:
            return
        joined_ago = (self.end - person.joined) / DAY
        since = min(window[0], joined_ago, float(DAYS))
        moments = seasons.moments(
            draw, since=since, until=window[1], a_year=person.visits_a_year, zone=person.zone
        )
        if not moments and not person.orders and draw.random() < 0.6:
            moments = [seasons.moment(draw, since=since, until=window[1], zone=person.zone)]
        for start in moments:
            if start < person.joined:
                continue
            product, moment = self._look_around(start)
            if draw.random() < 0.2:
                moment += 20 + int(draw.random() * 120)
                self._add_to_cart(product, 1, moment)
                if draw.random() < 0.35:
                    moment += 30 + int(draw.random() * 300)
                    self._start_checkout([(product, 1)], moment)

    def _look_around(self, moment: int) -> tuple[Product, int]:
        product = pick_for(self)
        self.happen(
            "Active on Site",
            moment,
            {"Page": f"/{product.category.lower().replace(' ', '-')}", "Device": self._device()},
        )
        while True:
            moment += 10 + int(self.draw.random() * 120)
            self._view(product, moment)
            if self.draw.random() < 0.55:
                return product, moment
            product = pick_for(self)

    def _view(self, product: Product, moment: int) -> None:
        self.happen("Viewed Product", moment, _about(product) | {"Price": product.price})

    def _add_to_cart(self, product: Product, quantity: int, moment: int) -> None:
        self.happen(
            "Added to Cart",
            moment,
            _about(product) | {"Quantity": quantity},
            round(product.price * quantity, 2),
        )

    def _start_checkout(self, basket: list[tuple[Product, int]], moment: int) -> None:
        self.happen("Started Checkout", moment, _contents(basket), _total(basket))

    # Orders

    def buy(self, emails: tuple[Mailing, ...]) -> None:
        """Let the person place their orders, each after a visit."""
        for place, moment in enumerate(self.person.orders):
            basket = self._basket()
            if self.draw.random() < 0.2:
                self._look_around(moment - int((2 + 18 * self.draw.random()) * _HOUR))
            start = moment - (10 + int(self.draw.random() * 40)) * _MINUTE
            self.happen("Active on Site", start, {"Page": "/", "Device": self._device()})
            for product, quantity in basket:
                start += 20 + int(self.draw.random() * 100)
                self._view(product, start)
                start += 10 + int(self.draw.random() * 60)
                self._add_to_cart(product, quantity, start)
            # With a full basket, viewing may take longer than the time before the order.
            self._start_checkout(basket, min(start + 60, moment - 30))
            self._order(basket, moment, emails=emails, first=place == 0)

    def _basket(self) -> list[tuple[Product, int]]:
        size = 1
        while size < 6 and self.draw.random() < 0.36:
            size += 1
        products = {product.number: product for product in (pick_for(self) for _ in range(size))}
        return [
            (product, 1 if product.price > 120 or self.draw.random() < 0.85 else 2)
            for product in products.values()
        ]

    def _order(
        self,
        basket: list[tuple[Product, int]],
        moment: int,
        *,
        emails: tuple[Mailing, ...],
        first: bool,
    ) -> None:
        draw = self.draw
        self._orders += 1
        order_id = f"{self.person.number}-{self._orders}"
        full = _total(basket)
        code, percent = self._code(moment, emails=emails, first=first)
        discount = round(full * percent / 100, 2)
        paid = round(full - discount, 2)
        about = _contents(basket) | {"Order ID": order_id, "Currency": CURRENCY}
        if code is not None:
            about |= {"Discount Code": code, "Discount Value": discount}
        self.happen("Placed Order", moment, about, paid)
        for position, (product, quantity) in enumerate(basket, start=1):
            self.happen(
                "Ordered Product",
                moment + position,
                _about(product) | {"Quantity": quantity, "Order ID": order_id},
                round(product.price * quantity, 2),
            )
        chance = draw.random()
        if chance < 0.015:
            cancelled = moment + 600 + int(draw.random() * 8 * _HOUR)
            reason = {"Order ID": order_id, "Reason": draw.choice(_REASONS)}
            self.happen("Cancelled Order", cancelled, reason, paid)
        elif chance < 0.055:
            refunded = moment + (4 + draw.randrange(20)) * DAY + hour_of_day(draw) // 4
            reason = {"Order ID": order_id, "Reason": draw.choice(_REASONS)}
            self.happen("Refunded Order", refunded, reason, paid)

    def _code(
        self, moment: int, *, emails: tuple[Mailing, ...], first: bool
    ) -> tuple[str | None, int]:
        """Return the discount code that the person uses, or None, and the percent off."""
        agreed = self.person.email_consent
        if agreed is None or moment < agreed.since:
            return None, 0
        if first and self.draw.random() < 0.2:
            return "WELCOME10", 10
        if self.draw.random() < 0.3 and (agreed.until is None or moment < agreed.until):
            for mailing in reversed(emails):
                if mailing.moment < moment and mailing.message.code is not None:
                    if moment - mailing.moment < 8 * DAY and mailing.moment > agreed.since:
                        return mailing.message.code, mailing.message.percent
                    break
        return None, 0

    def _inside(self, window: tuple[float, float] | None, moment: int) -> bool:
        if window is None:
            return False
        days_ago = (self.end - moment) / DAY
        return window[1] <= days_ago <= window[0]

    def _device(self) -> str:
        return _DEVICES[int(self.draw.random() * len(_DEVICES))]


def pick_for(journey: Journey) -> Product:
    """Return a product that the journey's person looks at."""
    person = journey.person
    return pick(journey.draw, taste=person.taste, price_limit=person.price_limit)


def _about(product: Product) -> dict[str, Any]:
    return {"Name": product.name, "Product ID": product.product_id, "Category": product.category}


def _contents(basket: list[tuple[Product, int]]) -> dict[str, Any]:
    collections = {name for product, _ in basket for name in product.collections}
    return {
        "Items": [product.name for product, _ in basket],
        "Item Count": sum(quantity for _, quantity in basket),
        "Collections": sorted(collections),
    }


def _total(basket: list[tuple[Product, int]]) -> float:
    return round(sum(product.price * quantity for product, quantity in basket), 2)
