"""A list of an account with people of the ids that the laws ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from profiles.lists.editing import create_list
from profiles.models import ListMember, Profile
from segmenter.accounts.models import create_account
from segments.destinations.kind import DestinationAccess
from tests.fixtures.cast import AT


class ListHere:
    """A list; what it was asked are the statements that wrote."""

    def __init__(self, queries: CaptureQueriesContext) -> None:
        account = create_account(slug="of-the-list")
        self._row = create_list(account=account, name="List", at=AT)
        Profile.objects.bulk_create(
            Profile(pk=pk, account=account, created=AT, updated=AT) for pk in range(1_000, 2_000)
        )
        self.access = DestinationAccess({"key": self._row.key}, {}, account.pk)
        self._queries = queries

    def members(self) -> set[str]:
        rows = ListMember.objects.filter(list=self._row)
        return {str(pk) for pk in rows.values_list("profile_id", flat=True)}

    def steps(self) -> int:
        writing = ("INSERT", "DELETE")
        return sum(query["sql"].startswith(writing) for query in self._queries.captured_queries)


@contextmanager
def receiver(settings: Settings) -> Iterator[ListHere]:
    with CaptureQueriesContext(connection) as queries:
        yield ListHere(queries)
