"""The people of the made-up shop: each with a character, a city, consents and orders.

Facts on which the profile and the events must agree are decided here, once for a person.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate
from random import Random

from profiles.demo.catalogue import CATEGORIES
from profiles.demo.characters import Window, character_of, habit_of
from profiles.demo.cities import CITIES, City
from profiles.demo.mailings import Mailing, email_mailings
from profiles.demo.names import NAMES
from profiles.demo.phones import PhoneBook
from profiles.demo.seasons import DAY, Seasons

_MAIL_DOMAINS = ("example.com", "example.com", "example.org", "example.net")
_CITY_WEIGHTS = list(accumulate(city.weight for city in CITIES))
_FAN_REGIONS = {
    "Massachusetts",
    "Maine",
    "Vermont",
    "New Hampshire",
    "Rhode Island",
    "Connecticut",
}
_EVER = 3000.0
_FOLDED = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "ß": "ss", "'": ""})


@dataclass(frozen=True, slots=True)
class EmailConsent:
    """When a person agreed to e-mail and how that ended. Moments are seconds since 1970.

    `offers`: whether they also get offers, or newsletters and invitations only. `ending` is None,
    "unsubscribe", "spam" or "bounce"; `last_mailing` is the number of the mailing that caused it,
    `until` its moment.
    """

    since: int
    method: str
    detail: str
    double_opt_in: bool
    offers: bool
    ending: str | None = None
    last_mailing: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class TextConsent:
    """When and how a person agreed to text messages, and when they unsubscribed (or None)."""

    since: int
    method: str
    until: int | None


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One made-up person. Moments are seconds since 1970.

    `city` is None if the shop does not know it; `zone` is the person's time zone. `taste` lists
    categories, favourite first. `reads` and `visits` are windows of days before the end. `apple`
    people have a mail program that opens e-mails by itself; `devoted` ones open every e-mail;
    `chronic` ones have a mailbox that is usually full.
    """

    number: int
    city: City | None
    zone: str
    gender: str
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    external_id: str | None
    anonymous_id: str | None
    joined: int
    orders: tuple[int, ...]
    reads: Window | None
    visits: Window | None
    email_consent: EmailConsent | None
    text_consent: TextConsent | None
    taste: tuple[str, ...]
    price_limit: float
    opens: float
    visits_a_year: float
    apple: bool
    devoted: bool
    chronic: bool

    @property
    def identifiers(self) -> dict[str, str]:
        """Return the person's identifiers in events: the customer number if they have one."""
        if self.external_id is not None:
            return {"external_id": self.external_id}
        if self.email is not None:
            return {"email": self.email}
        return {"anonymous_id": str(self.anonymous_id)}


def invent(*, seed: int, size: int, ends: datetime) -> Iterator[DemoPerson]:
    """Yield the people of a seed in order; a smaller `size` gives the first of the same people."""
    seasons = Seasons.until(ends)
    mailings = email_mailings(end=seasons.end, last_day=ends.date())
    phones = PhoneBook.empty()
    for number in range(size):
        yield _invent_one(number, seed=seed, seasons=seasons, mailings=mailings, phones=phones)


def _invent_one(
    number: int, *, seed: int, seasons: Seasons, mailings: tuple[Mailing, ...], phones: PhoneBook
) -> DemoPerson:
    draw = Random(f"people {seed} {number}")
    character = character_of(number, seed=seed)
    home_city = CITIES[bisect(_CITY_WEIGHTS, draw.random() * _CITY_WEIGHTS[-1])]
    visitor = character.name == "browser" and draw.random() < 0.5
    city = None if draw.random() < (0.8 if visitor else 0.05) else home_city

    oldest, newest = character.joined
    joined_ago = newest + (oldest - newest) * draw.random()
    joined_at = seasons.end - int(joined_ago * DAY)
    orders: list[int] = []
    reads, visits = character.reads, character.visits
    if character.buys:
        orders, stays = _buy(draw, joined_ago=joined_ago, zone=home_city.zone, seasons=seasons)
        joined_at = min(joined_at, orders[0] - 3600)
        # Interest continues for a while after the last order.
        since_last = (seasons.end - orders[-1]) / DAY
        stays_reading = stays and draw.random() < 0.85
        reads = (_EVER, 0.0 if stays_reading else max(0.0, since_last - draw.expovariate(1 / 130)))
        visits = (_EVER, 0.0 if stays else max(0.0, since_last - draw.expovariate(1 / 110)))

    gender = "female" if draw.random() < 0.56 else "male"
    first, last = _name(draw, home_city.culture, gender)
    is_identified = not visitor
    email = None
    if is_identified and (character.subscribes == 1.0 or draw.random() < 0.97):
        email = f"{_fold(first)}.{_fold(last)}{number}@{draw.choice(_MAIL_DOMAINS)}"
    phone = None
    if is_identified and (email is None or draw.random() < 0.62):
        phone = phones.number(country=home_city.country, region=home_city.region)
    customer = bool(orders) or (is_identified and draw.random() < 0.3)
    external_id = (
        f"FF-{100_000 + number}" if customer or (is_identified and email is None) else None
    )
    anonymous = visitor or draw.random() < 0.25

    consent = None
    if email is not None and draw.random() < character.subscribes:
        consent = _email_consent(
            draw, joined_at=joined_at, mailings=mailings, home_city=home_city, end=seasons.end
        )
    texts = None
    if phone is not None and draw.random() < 0.22:
        texts = _text_consent(draw, joined_at=joined_at, end=seasons.end)

    apple = draw.random() < 0.3
    reads_now = reads is not None and reads[1] == 0
    return DemoPerson(
        number=number,
        city=city,
        zone=home_city.zone,
        gender=gender,
        first_name=first if is_identified and draw.random() < 0.95 else None,
        last_name=last if is_identified and draw.random() < 0.93 else None,
        email=email,
        phone=phone,
        external_id=external_id,
        anonymous_id=f"anon-{Random(f'{seed} {number}').getrandbits(64):016x}"
        if anonymous
        else None,
        joined=joined_at,
        orders=tuple(orders),
        reads=reads,
        visits=visits,
        email_consent=consent,
        text_consent=texts,
        taste=_taste(draw, home_city.region),
        price_limit=draw.lognormvariate(4.5, 0.7),
        opens=min(0.95, character.opens * draw.lognormvariate(-0.1, 0.45)),
        # Pareto: few people make most of the visits.
        visits_a_year=min(150.0, character.visits_a_year * draw.paretovariate(1.7) * 0.33),
        apple=apple,
        devoted=reads_now and not apple and draw.random() < 0.14,
        chronic=draw.random() < 0.008,
    )


def _buy(draw: Random, *, joined_ago: float, zone: str, seasons: Seasons) -> tuple[list[int], bool]:
    """Return the moments of a buyer's orders, and whether they will come back."""
    habit = habit_of(draw)
    pause = 365 / habit.orders_a_year
    if joined_ago > seasons.days:
        first = seasons.moment(draw, since=seasons.days, until=seasons.days - 200, zone=zone)
    else:
        latest = max(0.0, joined_ago - 14)
        first = seasons.moment(draw, since=joined_ago, until=latest, zone=zone)
    moments = [first]
    while draw.random() >= habit.chance_of_leaving:
        days_ago = (seasons.end - moments[-1]) / DAY
        wait = draw.expovariate(1 / pause)
        moment = seasons.after(draw, since=days_ago, days=wait, zone=zone)
        if moment is None:
            return moments, True
        # Orders are at least two hours apart.
        moments.append(max(moment, moments[-1] + 2 * 3600))
    return [moment for moment in moments if moment < seasons.end], False


def _email_consent(
    draw: Random, *, joined_at: int, mailings: tuple[Mailing, ...], home_city: City, end: int
) -> EmailConsent:
    chance = draw.random()
    double_opt_in = False
    if chance < 0.62:
        method = "FORM"
        detail = draw.choice(("Newsletter sign-up", "Newsletter sign-up", "Gear quiz"))
        double_opt_in = home_city.country != "United States" and draw.random() < 0.7
    elif chance < 0.78:
        method, detail = "INTEGRATION", "shopify"
    elif chance < 0.88:
        method, detail = "MANUAL_IMPORT", "Customers of the old shop"
    elif chance < 0.95:
        method, detail = "API", "Till in Falun"
    else:
        method, detail = "PREFERENCE_PAGE", "My settings"
    since = min(joined_at + int(draw.random() * 600), end - 60)
    consent = EmailConsent(
        since=since,
        method=method,
        detail=detail,
        double_opt_in=double_opt_in,
        offers=draw.random() < 0.3,
    )

    chance = draw.random()
    ending = next(
        (
            name
            for name, up_to in (("unsubscribe", 0.1), ("spam", 0.109), ("bounce", 0.13))
            if chance < up_to
        ),
        None,
    )
    due = [
        mailing
        for mailing in mailings
        if mailing.moment > since and mailing.message.country is None
    ]
    if ending is None or not due:
        return consent
    last = draw.choice(due)
    until = min(last.moment + (4 if ending == "bounce" else 900 + int(draw.random() * 30_000)), end)
    return replace(consent, ending=ending, last_mailing=last.number, until=until - 1)


def _text_consent(draw: Random, *, joined_at: int, end: int) -> TextConsent:
    method = draw.choice(("FORM", "FORM", "CHECKOUT", "INBOUND_MESSAGE", "PREFERENCE_PAGE"))
    since = joined_at + int(draw.random() * (end - joined_at) * 0.5)
    until = since + int(draw.random() * (end - since)) if draw.random() < 0.15 else None
    return TextConsent(since=since, method=method, until=until)


def _taste(draw: Random, region: str) -> tuple[str, ...]:
    everyday = [category for category in CATEGORIES if category not in ("Fan shop", "Gifts")]
    taste = draw.sample(everyday, 4)
    fan = 0.3 if region in _FAN_REGIONS else 0.04
    if draw.random() < fan:
        taste.insert(draw.randrange(2), "Fan shop")
    if draw.random() < 0.25:
        taste.insert(2, "Gifts")
    return tuple(taste)


def _name(draw: Random, culture: str, gender: str) -> tuple[str, str]:
    stock = NAMES[culture]
    firsts = stock.female if gender == "female" else stock.male
    if stock.either and draw.random() < 0.03:
        firsts = stock.either
    lasts = stock.last_female if gender == "female" else stock.last_male
    return (
        firsts[int(len(firsts) * draw.random() ** 1.4)],
        lasts[int(len(lasts) * draw.random() ** 1.3)],
    )


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_FOLDED))
    return plain.encode("ascii", "ignore").decode().lower()


def birthday(draw: Random, *, number: int, year: int) -> date:
    """Return the birthday of someone who is 17 to 80 in `year`; some were born on 29 February."""
    born = year - 17 - int(63 * draw.betavariate(1.6, 2.4))
    if number % 211 == 7:
        return date(born - born % 4, 2, 29) if born - born % 4 != 1900 else date(1904, 2, 29)
    return date.fromordinal(date(born, 1, 1).toordinal() + draw.randrange(365))
