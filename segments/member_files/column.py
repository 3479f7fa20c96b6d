"""What a column of a file is, and the families that offer columns: one file each in `columns/`.

A column is an expression over `m` (a row of membership) and `p` (the person's profile), and over
what it joins besides. All cells of a file come from one query a block of people.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cache, cached_property

import psycopg.sql as sql
from django.utils.functional import Promise
from django.utils.translation import gettext

from profiles.models import Metric
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.registry import Registry, import_all
from segments.engine.vocabulary import Catalog

MOST_COLUMNS = 200


class CellKind(StrEnum):
    """What the cells of a column hold, by which a format knows how to write them."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    """A float8 or numeric."""
    TRUTH = "truth"
    INSTANT = "instant"
    DAY = "day"
    WORDS = "words"
    """A text[]."""
    JSON = "json"
    """A jsonb: whatever a shop puts into a property."""


@dataclass(frozen=True)
class MemberBlock:
    """Some members of a segment: those whose ids lie between two, both included."""

    account_id: int
    segment_id: int
    first_id: int
    last_id: int

    def of(self, table: str) -> sql.Composable:
        """The condition that keeps a table to these people, as far as their ids say."""
        return sql.SQL("{t}.account_id = {account} AND {t}.profile_id BETWEEN {a} AND {b}").format(
            t=sql.Identifier(table),
            account=sql.Literal(self.account_id),
            a=sql.Literal(self.first_id),
            b=sql.Literal(self.last_id),
        )


Outputs = Mapping[str, "Aggregate"]


@dataclass(frozen=True)
class Aggregate:
    """A figure of some rows that a join works out, so that columns share one pass over them."""

    value: sql.Composable
    since: int
    """Microseconds from which on rows count."""


@dataclass(frozen=True)
class Join:
    """What follows FROM, for a block of people: at most one row for each of them.

    `outputs` are what this column needs of it; what all columns need of one alias is passed on.
    """

    of: Callable[[MemberBlock, Outputs], sql.Composable]
    outputs: Outputs = field(default_factory=dict)


def plain_join(of: Callable[[MemberBlock], sql.Composable]) -> Join:
    """A join that is the same whatever columns need of it."""
    return Join(lambda block, _outputs: of(block))


def joins_of(columns: Sequence[ExportColumn], block: MemberBlock) -> dict[str, sql.Composable]:
    """The joins of all columns, by alias, each once."""
    joins: dict[str, Join] = {}
    for column in columns:
        for alias, join in column.joins.items():
            known = joins.get(alias, join)
            joins[alias] = replace(known, outputs={**known.outputs, **join.outputs})
    return {alias: join.of(block, join.outputs) for alias, join in joins.items()}


@dataclass(frozen=True)
class ExportColumn:
    name: str
    """By which it is asked for and saved; what programs call it."""
    label: str
    """What people call it, in the language in which it was looked up."""
    kind: CellKind
    value: sql.Composable
    joins: Mapping[str, Join] = field(default_factory=dict)
    """By their alias, so that columns share what they join."""
    json_type: str = ""
    """Of a JSON column whose values all have one type: that type (`profiles.ingest.checks`)."""


class Shop:
    """What columns may speak of: an account at an instant."""

    def __init__(self, account: Account, at: datetime) -> None:
        self.account = account
        self.at = at

    @cached_property
    def catalog(self) -> Catalog:
        return Catalog(self.account)

    @cached_property
    def offers(self) -> list[str]:
        """The names of all columns that are offered."""
        return [name for _name, family in by_rank() for name in family.offers(self)]

    @cached_property
    def metric_ids(self) -> dict[str, int]:
        """Name to id of the account's metrics."""
        return dict(Metric.objects.filter(account=self.account).values_list("name", "pk"))


@dataclass(frozen=True)
class Family:
    """Columns that belong together."""

    label: str | Promise
    rank: int
    """Smaller is higher on the page."""
    offers: Callable[[Shop], Sequence[str]]
    """The names to choose from."""
    find: Callable[[Shop, str], ExportColumn | None]
    """The column of a name, also of one that is not offered; None if it is none of these."""


families: Registry[Family] = Registry("family of columns")
"""The name of a family to it; filled by importing `segments.member_files.columns`."""


@cache
def by_rank() -> list[tuple[str, Family]]:
    """All families, whose files are imported by this."""
    import_all("segments.member_files.columns")
    return sorted(families.items(), key=lambda item: item[1].rank)


def find_column(shop: Shop, name: str) -> ExportColumn | None:
    """The column of a name: of the first family, by rank, that knows it."""
    for _name, family in by_rank():
        column = family.find(shop, name)
        if column is not None:
            return column
    return None


def columns_of(shop: Shop, names: Sequence[str]) -> list[ExportColumn]:
    """The columns of some names, in their order. Raises Invalid, with all names that are none."""
    if not names:
        message = gettext("Choose at least one column.")
        raise Invalid(Problem("/columns", "required", message))
    if len(names) > MOST_COLUMNS:
        message = gettext("A file has at most %(most)s columns.") % {"most": MOST_COLUMNS}
        raise Invalid(Problem("/columns", "too_many", message))
    columns: list[ExportColumn] = []
    problems: list[Problem] = []
    for place, name in enumerate(names):
        column = find_column(shop, name.strip())
        if column is None:
            message = gettext("There is no column “%(name)s”.") % {"name": name} + _near(shop, name)
            problems.append(Problem(f"/columns/{place}", "unknown", message))
        elif name.strip() not in {other.name for other in columns}:
            columns.append(replace(column, name=name.strip()))  # files call it as it was asked for
    if problems:
        raise Invalid(*problems)
    return columns


def offers_of(shop: Shop) -> Iterator[tuple[Family, list[ExportColumn]]]:
    """What can be chosen, family by family."""
    for _name, family in by_rank():
        offered = (family.find(shop, name) for name in family.offers(shop))
        columns = [column for column in offered if column is not None]
        if columns:
            yield family, columns


def read_names(text: str) -> list[str]:
    """Names with commas between them; one that holds a comma stands in double quotes."""
    rows = list(csv.reader([text], skipinitialspace=True))
    return [name.strip() for name in rows[0] if name.strip()] if rows else []


def _near(shop: Shop, name: str) -> str:
    plain = name.strip().lower().replace(" ", "_")
    near = difflib.get_close_matches(plain, shop.offers, n=3)
    if not near:
        return ""
    return " " + gettext("Did you mean %(names)s?") % {"names": ", ".join(near)}
