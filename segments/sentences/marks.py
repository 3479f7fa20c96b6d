"""What the words of a text are: joins, negations, times, amounts, conditions, or nothing known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any as Json

from segments.lexicon.query import Amount
from segments.sentences.tokens import Token
from segments.sentences.wording import ONCE, Wording, patterns, wording

_YEARS = range(1900, 2100)
"""A number like these may be a year."""


@dataclass(frozen=True)
class Mark:
    """What some tokens are."""

    kind: str
    """join, but, or, comma, not, pronoun, time, amount, filler, unclear, or word."""
    first: int
    last: int
    """The tokens from `first` up to, and without, `last`."""
    value: Json = None
    choices: tuple[str, ...] = field(default=())


class WordMarker:
    """Marks the tokens of a text in a language."""

    def __init__(self, tokens: Sequence[Token], language: str, today: date) -> None:
        self._tokens = tokens
        self._words: Wording = wording(language)
        self._times, self._amounts = patterns(language)
        self._today = today
        self._starts: list[int] = []
        position = 0
        for token in tokens:
            self._starts.append(position)
            position += len(_joinable(token)) + 1
        self._text = " ".join(map(_joinable, tokens))
        self._index = {start: i for i, start in enumerate(self._starts)}

    def time(self, first: int) -> Mark | None:
        """The time at a token, the longest one."""
        best: Mark | None = None
        for name, pattern in self._times:
            match = pattern.match(self._text, self._starts[first])
            if match is None:
                continue
            last = self._after(match.end())
            if best is not None and last <= best.last:
                continue
            mark = self._time(name, match, first, last)
            best = mark or best
        return best

    def amount(self, first: int) -> Mark | None:
        """The amount at a token with what is counted, the longest one."""
        best: Mark | None = None
        for operator, pattern in self._amounts:
            match = pattern.match(self._text, self._starts[first])
            if match is None:
                continue
            last = self._after(match.end())
            if best is None or last > best.last:
                best = Mark("amount", first, last, self._amount(operator, match))
        if best is None:
            return None
        return self._with_thing(best)

    def _with_thing(self, mark: Mark) -> Mark | None:
        amount: Json = mark.value
        if any(token.raw[0] in "$€£" for token in self._tokens[mark.first : mark.last]):
            amount = _of(amount, "money")
        for name, pattern in self._words.things.items():
            if re.fullmatch(pattern, self._word(mark.last)):
                return Mark("amount", mark.first, mark.last + 1, _of(amount, name))
        if self._word(mark.last) in self._words.ten_kilometers:
            if isinstance(amount, tuple):
                amount = (amount[0] * 10, amount[1] * 10, "")
            else:
                amount = Amount(amount.operator, amount.value * 10)
            return Mark("amount", mark.first, mark.last + 1, _of(amount, "kilometers"))
        last_word = self._tokens[mark.last - 1].word
        if last_word in ONCE:
            amount = _of(amount, "times")
        elif last_word in self._words.fillers and mark.last == mark.first + 1:
            return None  # "en lista": an article
        is_bare = not isinstance(amount, tuple) and not amount.operator and not amount.unit
        if is_bare and amount.value in _YEARS:
            return Mark("unclear", mark.first, mark.last)
        return Mark("amount", mark.first, mark.last, amount)

    def _word(self, i: int) -> str:
        return self._tokens[i].word if 0 <= i < len(self._tokens) else ""

    def _after(self, position: int) -> int:
        """The token that begins after a position of the joined text."""
        return self._index.get(position + 1, len(self._tokens))

    def _amount(self, operator: str, match: re.Match[str]) -> Json:
        numbers = [self._number(match[name]) for name in ("n0", "n1") if name in match.groupdict()]
        if operator == "between":
            return (min(numbers), max(numbers), "")
        explicit = operator if operator != "equals" or match[0] != match["n0"] else ""
        return Amount(explicit, numbers[0], "")

    def _number(self, text: str) -> float:
        known = self._words.numbers.get(text, ONCE.get(text))
        return float(text) if known is None else known

    def _time(self, name: str, match: re.Match[str], first: int, last: int) -> Mark | None:
        groups = match.groupdict()
        unit = next((u for u in self._words.units if groups.get(u)), "")
        numbers = [self._number(groups[each]) for each in ("n0", "n1") if groups.get(each)]
        if any(number != int(number) for number in numbers):
            return Mark("unclear", first, last)
        count = int(numbers[0]) if numbers else 1
        value: Json = None
        match name:
            case "in-the-last" | "in-the-next" | "at-least" | "within" | "ago":
                value = {"type": "date", "operator": name, "quantity": count, "unit": unit}
                if name == "within" and not _is_time(match[0], unit, groups):
                    return None
                if unit == "year" and count in _YEARS:
                    return None
                if name == "ago":
                    return Mark("unclear", first, last)
            case "between":
                start, end = sorted((count, int(numbers[1])))
                value = {"type": "date", "operator": "between", "start": start, "end": end}
                value["unit"] = unit
            case "today":
                value = self._range(self._today, self._today)
            case "yesterday":
                day = self._today - timedelta(days=1)
                value = self._range(day, day)
            case "this":
                value = self._this(groups.get("this") or groups.get("this2") or "")
            case "range":
                days = self._days(groups["d0"], groups["d1"])
                if days is None:
                    return None
                if days[0] > days[1]:
                    return Mark("unclear", first, last)
                value = self._range(*days)
            case "since" | "after" | "before":
                day_or_none = self._day(groups["d0"])
                if day_or_none is None or day_or_none == date.min:
                    return None
                day = day_or_none - timedelta(days=1) if name == "since" else day_or_none
                operator = "before" if name == "before" else "after"
                value = {"type": "date", "operator": operator, "date": day.isoformat()}
            case "year":
                year = int(groups["year"])
                if not date.min.year <= year <= date.max.year:
                    return None
                value = self._range(date(year, 1, 1), date(year, 12, 31))
            case "alltime":
                value = {"type": "date", "operator": "alltime"}
            case _:
                return Mark("unclear", first, last)
        return Mark("time", first, last, value)

    def _range(self, first: date, last: date) -> Json:
        ends = {"start": first.isoformat(), "end": last.isoformat()}
        return {"type": "date", "operator": "between-static", **ends}

    def _this(self, word: str) -> Json:
        """This week, month or year, from its first day to its last."""
        today = self._today
        if re.match(r"week|veck|tyg", word):
            first = today - timedelta(days=today.weekday())
            return self._range(first, first + timedelta(days=6))
        if re.match(r"month|manad|miesi", word):
            following = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
            return self._range(today.replace(day=1), following - timedelta(days=1))
        return self._range(date(today.year, 1, 1), date(today.year, 12, 31))

    def _days(self, first: str, last: str) -> tuple[date, date] | None:
        """Two dates; one without a year is the next to the other one."""
        start, end = self._day(first), self._day(last)
        if start is None or end is None:
            return None
        try:
            if _has_year(first) and not _has_year(last):
                end = end.replace(year=start.year)
                end = end if start <= end else end.replace(year=end.year + 1)
            elif not _has_year(first) and (_has_year(last) or start > end):
                start = start.replace(year=end.year)
                start = start if start <= end else start.replace(year=end.year - 1)
        except ValueError:  # 29 February
            return None
        return start, end

    def _day(self, text: str) -> date | None:
        """A date; without a year it is the last one that has begun."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
        month = next((m for w, m in self._words.months.items() if w in text.split()), None)
        numbers = [int(each) for each in re.findall(r"\d+", text)]
        if month is None or not numbers:
            return None
        try:
            if len(numbers) > 1:
                return date(numbers[1], month, numbers[0])
            day = date(self._today.year, month, numbers[0])
            return day if day <= self._today else day.replace(year=day.year - 1)
        except ValueError:
            return None


def _joinable(token: Token) -> str:
    return f'"{token.word}"' if token.is_quoted else token.word


def _has_year(text: str) -> bool:
    return bool(re.search(r"\d{4}", text))


def _of(amount: Json, unit: str) -> Json:
    if isinstance(amount, tuple):
        return (*amount[:2], unit)
    return Amount(amount.operator, amount.value, unit)


def _is_time(text: str, unit: str, groups: dict[str, str | None]) -> bool:
    """Whether a number with a unit is a time: "5 m" may be anything."""
    return (
        bool(text) and bool(unit) and not (groups.get("n0") and text.split()[-1] in {"m", "y", "v"})
    )
