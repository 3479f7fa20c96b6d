"""Phone numbers that belong to nobody, each issued once.

Every range is reserved by the country's regulator for fiction (films, books, examples). Poland,
Norway, Denmark, Finland and some others publish none, so people there get no number, except in
Poland: there, numbers of an area code that does not exist (11).
"""

from __future__ import annotations

from dataclasses import dataclass

# Area codes by state or province; 555-0100 to 555-0199 is reserved for fiction in each of them.
_NORTH_AMERICA: dict[str, tuple[str, ...]] = {
    "Massachusetts": ("617", "857", "508", "774", "978", "351", "781", "339", "413"),
    "Maine": ("207",),
    "Vermont": ("802",),
    "New Hampshire": ("603",),
    "Rhode Island": ("401",),
    "Connecticut": ("860", "203"),
    "New York": ("212", "718", "646", "917", "347"),
    "Pennsylvania": ("215", "267"),
    "Georgia": ("404",),
    "Florida": ("305",),
    "Illinois": ("312", "773"),
    "Minnesota": ("612",),
    "Texas": ("512",),
    "Colorado": ("303", "720"),
    "Washington": ("206", "425"),
    "Oregon": ("503", "971"),
    "California": ("415", "213", "323"),
    "Alaska": ("907",),
    "Hawaii": ("808",),
    "Ontario": ("416", "647", "613"),
    "Quebec": ("514", "438", "418"),
    "Nova Scotia": ("902",),
    "Manitoba": ("204",),
    "Alberta": ("403",),
    "British Columbia": ("604", "778"),
}

# First number, how many.
_ELSEWHERE: dict[str, tuple[tuple[int, int], ...]] = {
    "Sweden": (
        (46_70_1740605, 95),
        (46_8_46500400, 100),
        (46_31_3900600, 100),
        (46_40_6280400, 100),
        (46_980_319200, 100),
    ),
    "Poland": ((48_11_200_00_00, 10_000),),
    "Germany": ((49_30_23125000, 1000), (49_40_66969000, 1000), (49_89_99998000, 1000)),
    "United Kingdom": ((44_20_79460000, 1000),),
    "France": ((33_1_99000000, 10_000),),
    "Australia": ((61_3_5550_0000, 1000),),
}


@dataclass(slots=True)
class PhoneBook:
    """Issues each number once, in order, so that the same people get the same numbers."""

    _issued: dict[str, int]

    @classmethod
    def empty(cls) -> PhoneBook:
        return cls(_issued={})

    def number(self, *, country: str, region: str) -> str | None:
        """Return the next free number of a place in E.164, or None if there is none."""
        if region in _NORTH_AMERICA and country in ("United States", "Canada"):
            place = region
            ranges = tuple((int(f"1{code}5550100"), 100) for code in _NORTH_AMERICA[region])
        else:
            place = country
            ranges = _ELSEWHERE.get(country, ())
        index = self._issued.get(place, 0)
        self._issued[place] = index + 1
        for first, count in ranges:
            if index < count:
                return f"+{first + index}"
            index -= count
        return None
