"""The columns of people as files on each machine, which make counts fast in the builder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from profiles.changes import KEPT
from profiles.columns.mirror.upkeep import OLDEST
from profiles.models import Mirror
from segmenter.accounts.models import Account
from segmenter.accounts.status import Section, SectionContent, Trouble, in_words, sections

MOST_AGE = KEPT - OLDEST
"""A mirror this old belongs to a machine that is gone; a running one renews it long before."""


@dataclass(frozen=True)
class MirrorRow:
    """A machine's mirror of the account."""

    mirror: Mirror
    age: str
    took: str

    @property
    def bytes(self) -> int:
        return sum(file["bytes"] for file in self.mirror.files)


def _mirrors(account: Account, at: datetime) -> SectionContent:
    mirrors = Mirror.objects.filter(account=account, taken__gt=at - MOST_AGE).order_by("-taken")
    rows = [
        MirrorRow(row, in_words(at - row.taken), in_words(timedelta(seconds=row.seconds)))
        for row in mirrors
    ]
    troubles = []
    if rows and at - rows[0].mirror.taken > OLDEST + timedelta(days=1):
        troubles.append(
            Trouble(
                "warn",
                gettext("The columns of people have not been renewed for more than a week."),
                gettext("Counts stay right but become slow. See whether the workers are alive."),
            )
        )
    return SectionContent({"rows": rows}, tuple(troubles))


sections.add(
    "mirrors",
    Section(_("Columns in files"), "segments/health/_mirrors.html", 47, _mirrors, width="half"),
)
