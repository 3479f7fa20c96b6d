"""How a country writes numbers, and so what its Excel splits lines of CSV at.

Excel takes the decimal sign and the list separator of the computer's region: a semicolon where the
decimal sign is a comma. The region is guessed from the account's time zone.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from segmenter.accounts.models import Account

POINT = frozenset(
    {
        *("AE", "AG", "AI", "AU", "BB", "BD", "BH", "BM", "BN", "BS", "BW", "BZ", "CA", "CH"),
        *("CN", "DM", "DO", "EG", "GB", "GD", "GH", "GI", "GT", "GU", "GY", "HK", "HN", "IE"),
        *("IL", "IN", "IQ", "JM", "JO", "JP", "KE", "KN", "KR", "KW", "KY", "LC", "LI", "LK"),
        *("MM", "MO", "MP", "MS", "MT", "MU", "MX", "MY", "NG", "NI", "NP", "NZ", "OM", "PA"),
        *("PH", "PK", "PR", "QA", "SA", "SG", "SV", "TC", "TH", "TT", "TW", "TZ", "UG", "US"),
        *("VC", "VG", "VI", "YE", "ZW"),
    }
)
"""Countries (ISO 3166) whose decimal sign is a point, as Unicode's CLDR has it; others' a comma."""
_SEMICOLON_AND_POINT = frozenset({"CH", "LI"})
"""Those whose Excel nevertheless splits at semicolons."""
_COMMA_LANGUAGES = frozenset({"sv", "pl", "de", "fr", "da", "nb", "fi", "es", "it", "nl"})


@cache
def _countries() -> dict[str, str]:
    """Time zone to the country that its rows name first."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text("utf-8")
    older = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    zones: dict[str, str] = {}
    for line in (*older.splitlines(), *table.splitlines()):
        if line and not line.startswith("#"):
            countries, _place, zone, *_notes = line.split("\t")
            zones.setdefault(zone, countries.split(",")[0])
    return zones


def usual_signs(account: Account, language: str) -> tuple[str, str]:
    """The delimiter and the decimal sign that Excel takes in the account's country.

    Where the time zone names no country (UTC), those of the person's language.
    """
    country = _countries().get(account.time_zone)
    if country is None:
        return (";", ",") if language.split("-")[0] in _COMMA_LANGUAGES else (",", ".")
    if country in _SEMICOLON_AND_POINT:
        return ";", "."
    return (",", ".") if country in POINT else (";", ",")
