"""Rows by COPY: refused as an INSERT refuses them, and all or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from profiles.ingest.copy_rows import copy_rows, line
from profiles.models import Metric
from segmenter.accounts.models import Account

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
COLUMNS = ("account_id", "key", "name", "created")


def test_more_rows_than_are_sent_at_once_arrive_in_order(shop: Account) -> None:
    names = [f"metric {n}" for n in range(1_234)]
    copy_rows(
        "profiles_metric",
        COLUMNS,
        (line((shop.pk, f"{n:06}", name, NOON)) for n, name in enumerate(names)),
    )
    assert list(Metric.objects.order_by("pk").values_list("name", flat=True)) == names


def test_what_the_table_does_not_allow_is_an_integrity_error(shop: Account) -> None:
    twice = [line((shop.pk, key, "Placed Order", NOON)) for key in ("AAAAAA", "BBBBBB")]
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows("profiles_metric", COLUMNS, twice)
    assert not Metric.objects.exists()


def test_rows_that_break_off_leave_nothing(shop: Account) -> None:
    def broken() -> Iterator[str]:
        yield line((shop.pk, "AAAAAA", "Placed Order", NOON))
        raise RuntimeError("the moon is full")

    with pytest.raises(RuntimeError, match="moon"), transaction.atomic():
        copy_rows("profiles_metric", COLUMNS, broken())
    assert not Metric.objects.exists()
