"""A list of this account: who is in the segment is on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from profiles.lists.editing import create_list, fill_list, remove_from_list
from profiles.models import List, ListMember
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound
from segments.destinations.kind import (
    Contact,
    DestinationAccess,
    KeyKind,
    Outcome,
    list_destinations,
    preparations,
)
from segments.engine.remote_call import ApiField, NeedsAttention

PAGE = 10_000


class StaticList:
    """A list of people here, by its name until it is made and by its key from then on."""

    label = _("A list here")
    text = _("A list of this account, for forms, imports and other segments.")
    rank = 10
    key_kind = KeyKind.PROFILE
    batch = 1_000
    fields = (
        ApiField(
            "list",
            _("Name of the list"),
            _("It is made if there is none of this name."),
        ),
    )
    takes_columns = False

    def check(self, access: DestinationAccess) -> str:
        key = access.settings.get("key")
        return _list(access).name if key else access.settings["list"].strip()

    def put(self, access: DestinationAccess, people: Sequence[Contact]) -> Outcome:
        if not people:
            return Outcome()
        row = _list(access)
        ids = [int(each.key) for each in people]
        try:
            fill_list(account=row.account, key=row.key, profile_ids=ids, at=now())
        except NotFound:
            raise _missing() from None
        return Outcome()

    def remove(self, access: DestinationAccess, keys: Sequence[str]) -> Outcome:
        if not keys:
            return Outcome()
        row = _list(access)
        ids = [int(key) for key in keys]
        try:
            remove_from_list(account=row.account, key=row.key, profile_ids=ids, at=now())
        except NotFound:
            raise _missing() from None
        return Outcome()

    def keys(self, access: DestinationAccess) -> Iterator[Sequence[str]] | None:
        return _pages(_list(access))


def _pages(row: List) -> Iterator[Sequence[str]]:
    members = ListMember.objects.filter(account=row.account_id, list=row)
    last = 0
    while True:
        page = members.filter(profile_id__gt=last).order_by("profile_id")[:PAGE]
        ids = list(page.values_list("profile_id", flat=True))
        if not ids:
            return
        last = ids[-1]
        yield [str(profile_id) for profile_id in ids]


def prepare(access: DestinationAccess) -> Mapping[str, str]:
    """Find the list by its name, or make it. Raises NeedsAttention for a name that cannot be."""
    account = Account.objects.get(pk=access.account_id)
    name = access.settings["list"].strip()
    row = List.objects.filter(account=account, name=name).first()
    if row is None:
        try:
            row = create_list(account=account, name=name, at=now())
        except ApplicationError as error:
            raise NeedsAttention(" ".join(each.message for each in error.problems)) from None
    return {"key": row.key}


def _list(access: DestinationAccess) -> List:
    rows = List.objects.select_related("account").filter(account=access.account_id)
    row = rows.filter(key=access.settings.get("key", "")).first()
    if row is None:
        raise _missing()
    return row


def _missing() -> NeedsAttention:
    return NeedsAttention(gettext("The list was deleted."))


list_destinations.add("static_list", StaticList())
preparations.add("static_list", prepare)
