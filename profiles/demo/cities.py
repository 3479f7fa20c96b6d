"""The cities where the made-up shop's people live, with what belongs to an address there.

Coordinates are of the city's centre, in degrees. The postcodes are real; the people are not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A city and the right country, region, postcodes, time zone and locale to go with it.

    `culture` names the stock of names in `profiles.demo.names`; `weight` is the share of people,
    relative to the other cities.
    """

    name: str
    region: str
    country: str
    latitude: float
    longitude: float
    zips: tuple[str, ...]
    weight: float
    culture: str
    locale: str
    zone: str


@dataclass(frozen=True, slots=True)
class _Country:
    name: str
    culture: str
    locale: str
    zone: str


_SE = _Country("Sweden", "swedish", "sv-SE", "Europe/Stockholm")
_PL = _Country("Poland", "polish", "pl-PL", "Europe/Warsaw")
_US = _Country("United States", "english", "en-US", "America/New_York")
_US_CENTRAL = _Country("United States", "english", "en-US", "America/Chicago")
_US_MOUNTAIN = _Country("United States", "english", "en-US", "America/Denver")
_US_PACIFIC = _Country("United States", "english", "en-US", "America/Los_Angeles")
_US_ALASKA = _Country("United States", "english", "en-US", "America/Anchorage")
_US_HAWAII = _Country("United States", "english", "en-US", "Pacific/Honolulu")
_CA = _Country("Canada", "english", "en-CA", "America/Toronto")
_CA_FRENCH = _Country("Canada", "french", "fr-CA", "America/Toronto")
_CA_ATLANTIC = _Country("Canada", "english", "en-CA", "America/Halifax")
_CA_CENTRAL = _Country("Canada", "english", "en-CA", "America/Winnipeg")
_CA_MOUNTAIN = _Country("Canada", "english", "en-CA", "America/Edmonton")
_CA_PACIFIC = _Country("Canada", "english", "en-CA", "America/Vancouver")
_DE = _Country("Germany", "german", "de-DE", "Europe/Berlin")
_GB = _Country("United Kingdom", "english", "en-GB", "Europe/London")
_FR = _Country("France", "french", "fr-FR", "Europe/Paris")
_NO = _Country("Norway", "norwegian", "nb-NO", "Europe/Oslo")
_DK = _Country("Denmark", "norwegian", "da-DK", "Europe/Copenhagen")
_FI = _Country("Finland", "finnish", "fi-FI", "Europe/Helsinki")
_NL = _Country("Netherlands", "dutch", "nl-NL", "Europe/Amsterdam")
_IE = _Country("Ireland", "english", "en-IE", "Europe/Dublin")
_CH = _Country("Switzerland", "german", "de-CH", "Europe/Zurich")
_ES = _Country("Spain", "spanish", "es-ES", "Europe/Madrid")
_AU = _Country("Australia", "english", "en-AU", "Australia/Melbourne")

# City, region, latitude, longitude, postcodes (parted by |), weight.
_ROWS: tuple[tuple[_Country, tuple[tuple[str, str, float, float, str, float], ...]], ...] = (
    (
        _SE,
        (
            ("Falun", "Dalarna", 60.607, 15.632, "791 30|791 31|791 60|791 71", 5.0),
            ("Borlänge", "Dalarna", 60.484, 15.434, "784 30|784 32|784 35|784 40", 4.0),
            ("Mora", "Dalarna", 61.007, 14.543, "792 30|792 32|792 36", 2.0),
            ("Leksand", "Dalarna", 60.732, 14.999, "793 30|793 31|793 40", 1.2),
            ("Rättvik", "Dalarna", 60.886, 15.118, "795 30|795 32", 0.9),
            ("Ludvika", "Dalarna", 60.149, 15.188, "771 30|771 50", 1.0),
            ("Avesta", "Dalarna", 60.145, 16.168, "774 30|774 41", 0.8),
            ("Orsa", "Dalarna", 61.120, 14.615, "794 30|794 31", 0.5),
            ("Stockholm", "Stockholm", 59.329, 18.069, "111 20|113 30|114 25|116 20|118 26", 8.0),
            ("Göteborg", "Västra Götaland", 57.707, 11.967, "411 03|413 01|414 51|416 55", 5.0),
            ("Malmö", "Skåne", 55.606, 13.001, "211 20|212 11|214 20", 2.5),
            ("Lund", "Skåne", 55.704, 13.191, "222 21|223 50", 0.8),
            ("Uppsala", "Uppsala", 59.859, 17.639, "753 20|752 28", 1.6),
            ("Gävle", "Gävleborg", 60.674, 17.142, "802 50|803 20", 1.0),
            ("Örebro", "Örebro", 59.274, 15.207, "702 10|703 61", 0.9),
            ("Umeå", "Västerbotten", 63.826, 20.263, "903 26|907 36", 1.0),
            ("Östersund", "Jämtland", 63.179, 14.636, "831 30|831 34", 0.8),
            ("Kiruna", "Norrbotten", 67.856, 20.225, "981 31|981 38", 0.4),
        ),
    ),
    (
        _PL,
        (
            ("Kraków", "Małopolskie", 50.061, 19.937, "31-001|30-059|31-042|31-510", 4.0),
            ("Warszawa", "Mazowieckie", 52.230, 21.012, "00-001|01-210|02-001|04-028", 4.0),
            ("Gdańsk", "Pomorskie", 54.352, 18.647, "80-001|80-244", 1.8),
            ("Wrocław", "Dolnośląskie", 51.110, 17.033, "50-001|50-370|53-332", 1.8),
            ("Poznań", "Wielkopolskie", 52.407, 16.930, "60-001|61-131", 1.3),
            ("Łódź", "Łódzkie", 51.759, 19.456, "90-001|91-002", 0.9),
            ("Katowice", "Śląskie", 50.258, 19.028, "40-001|40-014", 0.8),
            ("Zakopane", "Małopolskie", 49.299, 19.949, "34-500", 0.7),
        ),
    ),
    (
        _US,
        (
            (
                "Boston",
                "Massachusetts",
                42.358,
                -71.060,
                "02108|02114|02116|02118|02128|02130",
                4.5,
            ),
            ("Cambridge", "Massachusetts", 42.375, -71.106, "02138|02139|02140|02141", 1.6),
            ("Somerville", "Massachusetts", 42.388, -71.100, "02143|02144|02145", 1.0),
            ("Quincy", "Massachusetts", 42.253, -71.002, "02169|02170|02171", 0.7),
            ("Newton", "Massachusetts", 42.337, -71.209, "02458|02459|02460", 0.7),
            ("Salem", "Massachusetts", 42.520, -70.897, "01970", 0.5),
            ("Lowell", "Massachusetts", 42.633, -71.316, "01850|01852|01854", 0.5),
            ("Worcester", "Massachusetts", 42.263, -71.802, "01602|01604|01609", 0.8),
            ("Springfield", "Massachusetts", 42.101, -72.590, "01103|01108|01109", 0.5),
            ("Portland", "Maine", 43.657, -70.259, "04101|04102|04103", 0.9),
            ("Bangor", "Maine", 44.801, -68.778, "04401", 0.4),
            ("Burlington", "Vermont", 44.476, -73.212, "05401|05408", 0.8),
            ("Montpelier", "Vermont", 44.260, -72.575, "05602", 0.3),
            ("Manchester", "New Hampshire", 42.996, -71.455, "03101|03103|03104", 0.7),
            ("Concord", "New Hampshire", 43.208, -71.538, "03301|03303", 0.4),
            ("Providence", "Rhode Island", 41.824, -71.413, "02903|02906|02908", 0.8),
            ("Hartford", "Connecticut", 41.764, -72.685, "06103|06105|06106", 0.7),
            ("New Haven", "Connecticut", 41.308, -72.928, "06510|06511|06515", 0.6),
            ("New York", "New York", 40.713, -74.006, "10001|10011|10025|10128", 2.5),
            ("Brooklyn", "New York", 40.650, -73.950, "11201|11211|11215|11217", 1.2),
            ("Philadelphia", "Pennsylvania", 39.952, -75.164, "19102|19103|19147", 0.8),
            ("Atlanta", "Georgia", 33.749, -84.388, "30303|30308|30309", 0.6),
            ("Miami", "Florida", 25.774, -80.194, "33125|33130|33137", 0.6),
        ),
    ),
    (
        _US_CENTRAL,
        (
            ("Chicago", "Illinois", 41.850, -87.650, "60601|60614|60622", 1.2),
            ("Minneapolis", "Minnesota", 44.980, -93.264, "55401|55408", 0.7),
            ("Austin", "Texas", 30.267, -97.743, "78701|78704", 0.8),
        ),
    ),
    (_US_MOUNTAIN, (("Denver", "Colorado", 39.739, -104.985, "80202|80205|80211", 1.0),)),
    (
        _US_PACIFIC,
        (
            ("Seattle", "Washington", 47.606, -122.332, "98101|98103|98122", 1.1),
            ("Portland", "Oregon", 45.523, -122.676, "97201|97209|97214", 0.8),
            ("San Francisco", "California", 37.775, -122.419, "94102|94110|94117", 0.9),
            ("Los Angeles", "California", 34.052, -118.244, "90012|90026|90034", 0.9),
        ),
    ),
    (_US_ALASKA, (("Anchorage", "Alaska", 61.218, -149.900, "99501|99503", 0.3),)),
    (_US_HAWAII, (("Honolulu", "Hawaii", 21.307, -157.858, "96813|96815", 0.2),)),
    (
        _CA,
        (
            ("Toronto", "Ontario", 43.700, -79.416, "M5V 2T6|M5V 1J1|M5S 2C6|M5H 2N2|M5T 1G4", 3.5),
            ("Ottawa", "Ontario", 45.411, -75.698, "K1P 1J1|K1N 9N4", 1.0),
        ),
    ),
    (
        _CA_FRENCH,
        (
            ("Montréal", "Quebec", 45.509, -73.588, "H2Y 1C6|H3A 0G4|H1V 3N7", 2.0),
            ("Québec", "Quebec", 46.812, -71.215, "G1R 4S9|G1R 4P5", 0.8),
        ),
    ),
    (_CA_ATLANTIC, (("Halifax", "Nova Scotia", 44.645, -63.572, "B3J 3A5|B3J 1S9", 0.6),)),
    (_CA_CENTRAL, (("Winnipeg", "Manitoba", 49.884, -97.147, "R3B 1B9", 0.4),)),
    (_CA_MOUNTAIN, (("Calgary", "Alberta", 51.050, -114.085, "T2N 1N4|T2G 2W1", 0.7),)),
    (_CA_PACIFIC, (("Vancouver", "British Columbia", 49.250, -123.119, "V5Y 1V4|V6B 6B1", 1.2),)),
    (
        _DE,
        (
            ("Berlin", "Berlin", 52.524, 13.411, "10115|10243|10435|12043", 1.6),
            ("Hamburg", "Hamburg", 53.575, 10.015, "20095|20357|22765", 1.1),
            ("München", "Bavaria", 48.137, 11.575, "80331|80469|80799", 1.0),
            ("Köln", "North Rhine-Westphalia", 50.933, 6.950, "50667|50674", 0.7),
        ),
    ),
    (
        _GB,
        (
            ("London", "England", 51.509, -0.126, "SE1 9SG|N1 9GU|E1 6AN|EC1V 2NX", 2.0),
            ("Manchester", "England", 53.481, -2.237, "M1 1AE|M4 1HQ", 0.7),
            ("Edinburgh", "Scotland", 55.952, -3.196, "EH1 1YZ|EH3 9GJ", 0.8),
            ("Cardiff", "Wales", 51.480, -3.180, "CF10 1EP", 0.3),
        ),
    ),
    (
        _FR,
        (
            ("Paris", "Île-de-France", 48.853, 2.349, "75003|75011|75018", 1.3),
            ("Lyon", "Auvergne-Rhône-Alpes", 45.748, 4.847, "69001|69007", 0.7),
            ("Nantes", "Pays de la Loire", 47.217, -1.553, "44000|44200", 0.4),
        ),
    ),
    (
        _NO,
        (
            ("Oslo", "Oslo", 59.913, 10.746, "0150|0350|0560", 1.8),
            ("Bergen", "Vestland", 60.393, 5.324, "5003|5014", 0.9),
            ("Trondheim", "Trøndelag", 63.430, 10.395, "7011|7030", 0.7),
        ),
    ),
    (_DK, (("København", "Hovedstaden", 55.676, 12.568, "1050|2100|2200", 0.9),)),
    (_FI, (("Helsinki", "Uusimaa", 60.170, 24.935, "00100|00530", 0.8),)),
    (_NL, (("Amsterdam", "North Holland", 52.374, 4.890, "1012 JS|1071 XX", 0.6),)),
    (_IE, (("Dublin", "Leinster", 53.333, -6.249, "D02 X285|D01 F5P2", 0.4),)),
    (_CH, (("Zürich", "Zürich", 47.367, 8.550, "8001|8004", 0.4),)),
    (_ES, (("Barcelona", "Catalonia", 41.389, 2.159, "08001|08012", 0.4),)),
    (_AU, (("Melbourne", "Victoria", -37.814, 144.963, "3000|3065", 0.3),)),
)

CITIES: tuple[City, ...] = tuple(
    City(
        name=name,
        region=region,
        country=country.name,
        latitude=latitude,
        longitude=longitude,
        zips=tuple(zips.split("|")),
        weight=weight,
        culture=country.culture,
        locale=country.locale,
        zone=country.zone,
    )
    for country, rows in _ROWS
    for name, region, latitude, longitude, zips, weight in rows
)
