"""Countries, postal codes, cities and the points of profiles, against the real world."""

from __future__ import annotations

import pytest

from profiles import places
from tests.profiles.places.distances import BOSTON, HOSTILE, NEW_YORK, STOCKHOLM, Point, near

TORONTO = (43.6426, -79.3871)


WARSAW = (52.2297, 21.0122)
KRAKOW = (50.0647, 19.9450)


class TestCountries:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("Sweden", "SE"),
            ("  sweden ", "SE"),
            ("SE", "SE"),
            ("se", "SE"),
            ("SWE", "SE"),
            ("Sverige", "SE"),
            ("USA", "US"),
            ("U.S.A.", "US"),
            ("United States", "US"),
            ("united states of america", "US"),
            ("UK", "GB"),
            ("Great Britain", "GB"),
            ("England", "GB"),
            ("United Kingdom", "GB"),
            ("Czech Republic", "CZ"),
            ("Czechia", "CZ"),
            ("The Netherlands", "NL"),
            ("Netherlands", "NL"),
            ("Holland", "NL"),
            ("Polska", "PL"),
            ("Deutschland", "DE"),
            ("Österreich", "AT"),
            ("OSTERREICH", "AT"),
            ("España", "ES"),
            ("Korea, Republic of", "KR"),
            ("Viet Nam", "VN"),
            ("Türkiye", "TR"),
            ("Turkey", "TR"),
            ("Ivory Coast", "CI"),
            ("Cote d’Ivoire", "CI"),
            ("Trinidad & Tobago", "TT"),
            ("Bosnia and Herzegovina", "BA"),
            ("日本", "JP"),
            ("Ελλάδα", "GR"),
            ("Narnia", None),
            ("XX", None),
            (None, None),
        ],
    )
    def test_names_and_codes_are_understood(self, text: str | None, code: str | None) -> None:
        assert places.country_code(text) == code

    def test_codes_turn_into_one_another(self) -> None:
        assert places.alpha2("usa") == "US"
        assert places.alpha3("pl") == "POL"
        assert places.country_name("GB") == "United Kingdom"
        assert places.alpha2("US") is None
        assert places.alpha3("USA") is None
        assert places.country_name("XX") is None
        assert places.alpha2(None) is places.alpha3(None) is places.country_name(None) is None

    def test_every_country_of_a_region_exists(self) -> None:
        for region, codes in places.REGIONS.items():
            for code in codes:
                assert places.country_code(places.country_name(code)) == code, region

    def test_regions(self) -> None:
        union = places.REGIONS["european_union"]
        assert len(union) == 27
        assert "GB" not in union
        assert {"SE", "PL", "IE", "HR"} <= union
        assert places.REGIONS["european_economic_area"] - union == {"IS", "LI", "NO"}
        assert places.REGIONS["united_kingdom"] == {"GB"}
        assert places.REGIONS["united_states"] == {"US"}

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_no_country(self, text: str) -> None:
        assert places.country_code(text) is None
        assert places.alpha2(text) is places.alpha3(text) is places.country_name(text) is None


class TestPostalCodes:
    @pytest.mark.parametrize(
        ("country", "code", "there", "within"),
        [
            ("US", "02108", BOSTON, 1.5),
            ("US", "10001", NEW_YORK, 1),
            ("US", "90210", (34.10, -118.41), 3),
            ("US", "99501", (61.218, -149.87), 5),
            ("CA", "M5V", TORONTO, 2),
            ("CA", "V6B 1A1", (49.279, -123.115), 2),
            ("CA", "T2P 2M5", (51.048, -114.07), 2),
            ("CA", "X0A 0H0", (63.749, -68.522), 3),
            ("SE", "111 20", STOCKHOLM, 2),
            ("SE", "413 01", (57.70, 11.96), 5),
            ("SE", "791 70", (60.6036, 15.626), 3),
            ("PL", "30-001", KRAKOW, 3),
            ("PL", "34-500", (49.2992, 19.9496), 4),
            ("PL", "80-001", (54.352, 18.646), 6),
            ("GB", "SW1A 1AA", (51.5010, -0.1416), 1),
            ("GB", "EH1 1YZ", (55.951, -3.19), 1),
            ("GB", "BT1 5GS", (54.597, -5.93), 3),
            ("GB", "M1 1AE", (53.478, -2.23), 1),
            ("DE", "10115", (52.532, 13.385), 2),
            ("FR", "75007", (48.856, 2.312), 2),
            ("NL", "1012 AB", (52.373, 4.895), 1),
            ("NO", "0150", (59.911, 10.748), 2),
            ("DK", "2100", (55.705, 12.572), 2),
            ("FI", "00100", (60.171, 24.931), 2),
            ("ES", "28013", (40.419, -3.706), 1),
            ("IT", "00184", (41.894, 12.494), 3),
            ("AT", "1010", (48.208, 16.372), 1),
            ("CH", "8001", (47.372, 8.541), 2),
            ("CZ", "110 00", (50.087, 14.421), 2),
            ("IE", "D02 X285", (53.339, -6.252), 2),
            ("PT", "1000-001", (38.73, -9.14), 4),
            ("BR", "22041-001", (-22.91, -43.2), 25),
            ("AU", "2000", (-33.868, 151.207), 2),
            ("JP", "100-0001", (35.684, 139.753), 2),
        ],
    )
    def test_known_points(self, country: str, code: str, there: Point, within: float) -> None:
        assert near(places.postal_code_point(country, code), there, within)

    @pytest.mark.parametrize(
        ("country", "same", "code"),
        [
            ("US", "10001-1234", "10001"),
            ("US", "100011234", "10001"),
            ("US", "2108", "02108"),
            ("USA", " 02108 ", "02108"),
            ("us", "02108", "02108"),
            ("CA", "m5v 2t6", "M5V"),
            ("CAN", "M5V2T6", "M5V"),
            ("CA", "x0a0h0", "X0A 0H0"),
            ("SE", "11120", "111 20"),
            ("SE", "SE-111 20", "111 20"),
            ("SE", "S-11120", "111 20"),
            ("PL", "30001", "30-001"),
            ("PL", "30\u2013001", "30-001"),
            ("GB", "sw1a1aa", "SW1A 1AA"),
            ("GB", "SW1A 1ZZ", "SW1A 1"),
            ("GB", "SW1A 9ZZ", "SW1A"),
            ("NL", "1012ab", "1012"),
            ("DE", "D-10115", "10115"),
            ("DE", "1067", "01067"),
            ("FR", "75007 CEDEX 07", "75007"),
            ("LV", "1050", "LV-1050"),
            ("LU", "L-1111", "1111"),
            ("JP", "〒１００－０００１", "100-0001"),
        ],
    )
    def test_spellings_of_one_code(self, country: str, same: str, code: str) -> None:
        point = places.postal_code_point(country, code)
        assert point is not None
        assert places.postal_code_point(country, same) == point

    @pytest.mark.parametrize(
        ("country", "code", "there"),
        [("US", "02101", BOSTON), ("PL", "00-001", WARSAW), ("PT", "1000", (38.73, -9.14))],
    )
    def test_a_missing_code_stands_among_its_neighbours(
        self, country: str, code: str, there: Point
    ) -> None:
        assert near(places.postal_code_point(country, code), there, 3)

    def test_a_missing_code_whose_neighbours_disagree_is_unknown(self) -> None:
        # 999 is the south-east of Alaska, 400 km from end to end.
        assert places.postal_code_point("US", "99999") is None

    @pytest.mark.parametrize(
        ("country", "code", "there"),
        [
            ("US", "00901", (18.465, -66.11)),
            ("PR", "00901", (18.465, -66.11)),
            ("FR", "97410", (-21.34, 55.48)),
            ("GB", "JE2 3AB", (49.19, -2.10)),
            ("CH", "9490", (47.141, 9.521)),
        ],
    )
    def test_territories_share_their_countrys_system(
        self, country: str, code: str, there: Point
    ) -> None:
        assert near(places.postal_code_point(country, code), there, 5)

    @pytest.mark.parametrize(
        ("country", "code"),
        [
            ("US", "00000"),
            ("US", "1"),
            ("US", "1234567"),
            ("US", "Boston"),
            ("CA", "12345"),
            ("CA", "Z9Z 9Z9"),
            ("GB", "ZZ1 1ZZ"),
            ("GB", "12345"),
            ("SE", "000 00"),
            ("BR", "00000-000"),
            ("GR", "104 31"),
            ("XX", "12345"),
            ("", "12345"),
            ("US", ""),
            ("US", None),
            (None, "02108"),
            (None, None),
        ],
    )
    def test_unknown(self, country: str | None, code: str | None) -> None:
        assert places.postal_code_point(country, code) is None

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_no_code(self, text: str) -> None:
        assert places.postal_code_point(text, "02108") is None
        for country in ("US", "CA", "GB", "SE", "JP", "BR"):
            assert places.postal_code_point(country, text) is None

    def test_covered_countries(self) -> None:
        covered = places.postal_code_countries()
        assert {"US", "CA", "GB", "IE", "SE", "PL", "NO", "DK", "FI", "IS"} <= covered
        assert places.REGIONS["european_union"] - covered == {"GR"}


class TestCities:
    @pytest.mark.parametrize(
        ("city", "region", "country", "there"),
        [
            ("Kraków", None, "PL", KRAKOW),
            ("KRAKOW", "", "Poland", KRAKOW),
            ("Cracow", None, "POL", KRAKOW),
            ("Warszawa", "Mazowieckie", "PL", WARSAW),
            ("Łódź", None, "PL", (51.77, 19.46)),
            ("Lodz", None, "PL", (51.77, 19.46)),
            ("Göteborg", None, "SE", (57.707, 11.967)),
            ("Gothenburg", "Västra Götaland", "Sverige", (57.707, 11.967)),
            ("Falun", "Dalarna", "SE", (60.603, 15.626)),
            ("Zakopane", None, "PL", (49.299, 19.949)),
            ("München", "Bayern", "DE", (48.137, 11.575)),
            ("Boston", "MA", "US", BOSTON),
            ("Boston, MA", None, "US", BOSTON),
            ("New York", "NY", "US", (40.713, -74.006)),
            ("St. Louis", "MO", "US", (38.627, -90.198)),
            ("Saint Louis", "Missouri", "US", (38.627, -90.198)),
            ("Portland", None, "US", (45.523, -122.676)),
            ("Portland", "ME", "US", (43.657, -70.259)),
            ("Portland", "maine", "US", (43.657, -70.259)),
            ("London", None, "GB", (51.509, -0.126)),
            ("London", "ON", "CA", (42.983, -81.233)),
            ("London", "Ontario", None, (42.983, -81.233)),
            ("London", None, None, (51.509, -0.126)),
            ("Athens", None, "GR", (37.984, 23.728)),
            ("Athens", "GA", "US", (33.96, -83.378)),
        ],
    )
    def test_known_cities(
        self, city: str, region: str | None, country: str | None, there: Point
    ) -> None:
        assert near(places.city_point(city, region, country), there, 6)

    @pytest.mark.parametrize(
        ("city", "region", "country"),
        [
            ("Portland", "WY", "US"),
            ("Boston", None, "Narnia"),
            ("Minas Tirith", None, None),
            ("Stockholm", None, "PL"),
            ("", None, "SE"),
            (None, None, None),
        ],
    )
    def test_unknown_cities(
        self, city: str | None, region: str | None, country: str | None
    ) -> None:
        assert places.city_point(city, region, country) is None

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_no_city(self, text: str) -> None:
        assert places.city_point(text, text, None) is None
        assert places.city_point(text, None, "SE") is None
