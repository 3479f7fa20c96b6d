"""Search for places, and the point of an address."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles import places
from tests.profiles.places.distances import BOSTON, HOSTILE, NEW_YORK, STOCKHOLM, Point, near


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "name", "region", "country"),
        [
            ("bost", "Boston", "Massachusetts", "US"),
            ("Stockh", "Stockholm", "Stockholm", "SE"),
            ("stockholm", "Stockholm", "Stockholm", "SE"),
            ("krak", "Kraków", "Lesser Poland", "PL"),
            ("cracow", "Kraków", "Lesser Poland", "PL"),
            ("warszawa", "Warsaw", "Mazovia", "PL"),
            ("wien", "Vienna", "Vienna", "AT"),
            ("GOTEB", "Gothenburg", "Västra Götaland", "SE"),
            ("falun", "Falun", "Dalarna", "SE"),
            ("St. Pete", "Saint Petersburg", "St.-Petersburg", "RU"),
            ("Paris, Texas", "Paris", "Texas", "US"),
            ("Paris, tex", "Paris", "Texas", "US"),
            ("springfield, MA", "Springfield", "Massachusetts", "US"),
            ("London, Canada", "London", "Ontario", "CA"),
        ],
    )
    def test_best_match(self, text: str, name: str, region: str, country: str) -> None:
        first = places.search(text)[0]
        assert (first.name, first.region, first.country) == (name, region, country)

    def test_the_largest_come_first_and_none_twice(self) -> None:
        matches = places.search("Springfield", limit=20)
        populations = [place.population for place in matches]
        assert populations == sorted(populations, reverse=True)
        assert len({(place.latitude, place.longitude) for place in matches}) == len(matches) > 5

    def test_limit(self) -> None:
        assert len(places.search("san")) == 8
        assert len(places.search("san", limit=3)) == 3
        assert places.search("san", limit=0) == []

    def test_a_found_place_has_its_numbers(self) -> None:
        zakopane = places.search("Zakopane")[0]
        assert near((zakopane.latitude, zakopane.longitude), (49.299, 19.949), 1)
        assert 20_000 < zakopane.population < 40_000

    def test_no_place(self) -> None:
        assert places.search("qqqqq") == []
        assert places.search("Boston, Narnia") == []

    @pytest.mark.parametrize("text", [text for text in HOSTILE if text != "a\0b"])
    def test_hostile_text_finds_nothing(self, text: str) -> None:
        assert places.search(text) == []


class TestLocate:
    @pytest.mark.parametrize(
        ("location", "there"),
        [
            ({"latitude": 60.6, "longitude": 15.6, "zip": "10001", "country": "US"}, (60.6, 15.6)),
            ({"latitude": "60.6", "longitude": "15.6"}, (60.6, 15.6)),
            ({"latitude": 0.0, "longitude": 15.6}, (0.0, 15.6)),
            ({"zip": "111 20", "city": "Falun", "country": "Sweden"}, STOCKHOLM),
            ({"zip": 10001, "country": "United States"}, NEW_YORK),
            ({"zip": "000 00", "city": "Falun", "country": "SE"}, (60.603, 15.626)),
            ({"city": "Portland", "region": "ME", "country": "US"}, (43.657, -70.259)),
            ({"zip": "104 31", "city": "Athens", "country": "Greece"}, (37.984, 23.728)),
            ({"latitude": 91, "longitude": 0, "city": "Boston", "country": "US"}, BOSTON),
            ({"latitude": 10, "longitude": None, "city": "Boston", "country": "US"}, BOSTON),
            ({"latitude": 0, "longitude": 0, "city": "Boston", "country": "US"}, BOSTON),
            ({"latitude": "nan", "longitude": "inf", "city": "Boston", "country": "US"}, BOSTON),
            ({"latitude": True, "longitude": True, "city": "Boston", "country": "US"}, BOSTON),
        ],
    )
    def test_coordinates_then_postcode_then_city(
        self, location: Mapping[str, object], there: Point
    ) -> None:
        assert near(places.locate(location), there, 3)

    @pytest.mark.parametrize(
        "location",
        [
            {},
            {"zip": "10001"},
            {"country": "US"},
            {"city": "Boston", "country": "Narnia"},
            {"latitude": 10**400, "longitude": 1},
            {"zip": ["10001"], "city": {"a": 1}, "country": 5},
            {"latitude": None, "longitude": None, "zip": None, "city": None, "country": None},
        ],
    )
    def test_nowhere(self, location: Mapping[str, object]) -> None:
        assert places.locate(location) is None


ANY = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text("aBkZ019 -,.\0é🎉"))


@settings(deadline=None)  # The first look-up in a country reads its table.
@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(["latitude", "longitude", "zip", "city", "region", "country"], ANY),
    )
)
def test_any_location_is_somewhere_or_nowhere(location: dict[str, object]) -> None:
    point = places.locate(location)
    assert point is None or (abs(point[0]) <= 90 and abs(point[1]) <= 180)


@settings(deadline=None)
@given(
    st.sampled_from(["US", "GB", "SE", "BR", "CA", "PT", "NL"]), st.from_regex(r"[A-Z0-9 -]{1,9}")
)
def test_any_code_is_somewhere_or_nowhere(country: str, code: str) -> None:
    point = places.postal_code_point(country, code)
    assert point is None or (abs(point[0]) <= 90 and abs(point[1]) <= 180)
