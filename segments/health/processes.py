"""The processes and whether they are alive. They work for all accounts."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Account
from segmenter.accounts.status import Section, SectionContent, Trouble, in_words, sections
from segments.health import heartbeats


def _processes(account: Account, at: datetime) -> SectionContent:
    processes = heartbeats.process_states(at)
    alive = [one.kind for one in processes if one.is_alive]
    troubles = []
    if "worker" not in alive:
        troubles.append(
            Trouble(
                "bad",
                gettext("No worker is alive: nobody enters or leaves a segment."),
                gettext(
                    "Start one (with containers: docker compose up -d worker). Nothing is lost:"
                    " it follows whatever waits."
                ),
            )
        )
    if "beat" not in alive:
        troubles.append(
            Trouble(
                "bad",
                gettext("Beat is not alive: time windows do not move, and lost work is not found."),
                gettext("Start it (with containers: docker compose up -d beat)."),
            )
        )
    if alive.count("beat") > 1:
        troubles.append(
            Trouble(
                "warn",
                gettext("More than one beat runs: everything that is due is asked for twice."),
                gettext("That does no harm, but stop all of them except one."),
            )
        )
    rows = [(one, in_words(one.silence), in_words(at - one.started)) for one in processes]
    return SectionContent({"rows": rows}, tuple(troubles))


sections.add(
    "processes",
    Section(_("Workers and beat"), "segments/health/_processes.html", 20, _processes, width="half"),
)
