"""An address that spreadsheets read, as Google Sheets does with IMPORTDATA.

Its file is in the database. Who knows the address reads it: it holds a long random token.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segmenter.kernel.clock import now
from segments.destinations.kind import DestinationAccess
from segments.destinations.links import link_for
from segments.destinations.store import file_stores
from segments.engine.remote_call import ApiField, NeedsAttention
from segments.models import DestinationLink

MOST_BYTES = 10_000_000
MOST_PEOPLE = 50_000


class SheetLink:
    label = _("Link for Google Sheets")
    text = _("An address that =IMPORTDATA() reads: up to 50,000 people and 10 MB.")
    rank = 40
    fields: tuple[ApiField, ...] = ()
    fixed: Mapping[str, Any] = {
        "format": "csv",
        "delimiter": ",",
        "decimal": ".",
        "byte_order_mark": False,
    }
    most_rows = MOST_PEOPLE

    def check(self, access: DestinationAccess) -> str:
        return ""  # Nobody names it: the address is made here.

    def put(self, access: DestinationAccess, name: str, path: Path) -> str:
        if path.stat().st_size > MOST_BYTES:
            raise NeedsAttention(
                gettext("The file is larger than 10 MB. Choose fewer columns or fewer people.")
            )
        assert access.destination_id is not None
        link = link_for(access.destination_id)
        rows = DestinationLink.objects.filter(pk=link.pk)
        rows.update(content=path.read_bytes(), made=now())
        return ""

    def delete(self, access: DestinationAccess, name: str) -> None:
        DestinationLink.objects.filter(destination=access.destination_id).update(content=None)


file_stores.add("sheet_link", SheetLink())
