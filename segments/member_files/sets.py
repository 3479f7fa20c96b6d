"""Sets of columns: those that every account has, and those that people have saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Invalid, Problem
from segments.member_files.column import Shop, columns_of, find_column
from segments.member_files.request import STANDARD_SETS, standard_columns
from segments.models import ColumnSet

MOST_SETS = 100


@dataclass(frozen=True)
class SetOffer:
    """A set that can be chosen."""

    key: str
    """Of a standard set its word, of a saved one its number."""
    name: str
    is_own: bool


def sets_of(account: Account) -> list[SetOffer]:
    """All sets, those that every account has first."""
    standard = [SetOffer(key, gettext(name), False) for key, (name, _) in STANDARD_SETS.items()]
    saved = ColumnSet.objects.filter(account=account).order_by("name")
    return standard + [SetOffer(str(one.pk), one.name, True) for one in saved]


def columns_of_set(shop: Shop, text: str) -> list[str]:
    """The columns of a set, by its key or name. Raises Invalid for one that there is not."""
    text = text.strip()
    if text in STANDARD_SETS:
        return standard_columns(shop, text)
    saved = ColumnSet.objects.filter(account=shop.account)
    by_key = saved.filter(pk=int(text)).first() if text.isascii() and text.isdigit() else None
    found = saved.filter(name=text).first() or by_key
    if found is None:
        known = ", ".join([*STANDARD_SETS, *saved.order_by("name").values_list("name", flat=True)])
        message = gettext("There is no set “%(name)s”. Sets are: %(known)s.")
        raise Invalid(Problem("/set", "unknown", message % {"name": text, "known": known}))
    return [str(name) for name in found.columns]


def known_columns(shop: Shop, names: Sequence[str]) -> list[str]:
    """Those of some names that are columns still: a property may be gone since a set was saved."""
    return [name for name in names if find_column(shop, name) is not None]


def save_set(
    shop: Shop, name: str, columns: Sequence[str], *, user: User | None, at: datetime
) -> ColumnSet:
    """Save columns under a name, in place of those that it stood for. Raises Invalid."""
    name = " ".join(name.replace("\0", "").split())
    if not 1 <= len(name) <= 80:
        message = gettext("A set needs a name of 1 to 80 characters.")
        raise Invalid(Problem("/set_name", "required", message))
    if name.lower() in STANDARD_SETS:
        message = gettext("“%(name)s” is the name of a set that every account has.")
        raise Invalid(Problem("/set_name", "reserved", message % {"name": name}))
    names = [column.name for column in columns_of(shop, columns)]
    own = ColumnSet.objects.filter(account=shop.account)
    if own.count() >= MOST_SETS and not own.filter(name=name).exists():
        message = gettext("There are %(most)s sets already; delete one first.")
        raise Invalid(Problem("/set_name", "too_many", message % {"most": MOST_SETS}))
    saved, _created = ColumnSet.objects.update_or_create(
        account=shop.account,
        name=name,
        defaults={"columns": names, "user": user, "updated": at},
    )
    return saved
