"""How soon a submitted form is a membership: `.venv/bin/python -m bench submissions`.

A whole instance (web, worker, beat, PostgreSQL, Valkey) takes submissions of a form over HTTP, ten
a second, and half of them of people who are known already. The time runs from when a submission was
due to be sent until another session sees its person in the segment "submitted this form". Beside
it: how long the answer takes for new people and for known ones.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from uuid import uuid4

from bench.client import Client, Json, resource
from bench.freshness import BUILD_SECONDS, DRAIN_SECONDS, LOOK_SECONDS
from bench.own_process import figures_of, new_instance, tell
from bench.parts import Target

PEOPLE = {"small": 2_000, "demo": 20_000}
COUNT, RATE, SENDERS = 400, 10, 6
TARGETS = {"submission to membership: p99": Target(most=2_000)}


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit) for `people` people, measured in a process of its own."""
    return figures_of("bench.submissions", people)


@dataclass
class SubmissionRun:
    """When each address was due, when it was answered, and when its membership was seen."""

    due: dict[str, float] = field(default_factory=dict)
    answers: dict[str, float] = field(default_factory=dict)
    members: dict[str, float] = field(default_factory=dict)


def set_up(people: int) -> tuple[Json, int, list[str]]:
    """Fill the shop; return the form's keys, the id of the segment, and addresses of the known."""
    # These need the settings.
    from bench.preview import fill_shop  # noqa: PLC0415
    from forms_targeting.engine.publishing import create_form, publish  # noqa: PLC0415
    from forms_targeting.models import FormVersion  # noqa: PLC0415
    from profiles import changes  # noqa: PLC0415
    from profiles.ingest.store import ingest_events  # noqa: PLC0415
    from profiles.models import Profile  # noqa: PLC0415
    from segmenter.accounts.models import create_account  # noqa: PLC0415
    from segmenter.kernel.clock import now  # noqa: PLC0415
    from segments.engine.editing import save_segment  # noqa: PLC0415
    from segments.engine.queries import resolve_names  # noqa: PLC0415
    from segments.models import Segment, SegmentStatus  # noqa: PLC0415

    changes.profile_change.subscribers.clear()  # what follows from these is not measured
    account = create_account(slug="bench")
    fill_shop(account, people)
    first = {"metric": "Submitted Form", "profile": {"external_id": "the-first"}, "time": now()}
    ingest_events(account=account, records=[first], at=now())
    form = create_form(account=account, user=None, name="Bench", content=_CONTENT, at=now())
    publish(form=form, user=None, at=now())
    condition = {**_SUBMITTED, "metric_filters": [_filter("Form ID", form.key)]}
    definition: Any = {"condition_groups": [{"conditions": [condition]}]}
    segment = save_segment(
        account=account,
        user=None,
        name="Submitted this form",
        definition=resolve_names(account, definition),
        at=now(),
    )
    deadline = time.monotonic() + BUILD_SECONDS
    while Segment.objects.exclude(status=SegmentStatus.READY).exists():
        if time.monotonic() > deadline:
            raise AssertionError("the segment was not built")
        time.sleep(0.2)
    known = Profile.objects.filter(account=account).exclude(email=None).order_by("pk")
    emails = [email for email in known.values_list("email", flat=True)[:COUNT] if email]
    keys = {
        "site": account.site_key,
        "form_id": form.key,
        "version_id": FormVersion.objects.get(form=form).key,
    }
    return keys, Segment.objects.get(name=segment.name).pk, emails


def send(run: SubmissionRun, address: str, keys: Json, emails: Sequence[str]) -> None:
    """Send what is due. One of several threads, each with its share of the addresses."""
    client = Client(address, "", seconds=30.0)
    client.headers = {"Content-Type": "application/json"}
    for email in emails:
        wait = run.due[email] - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        document = {
            "data": resource(
                "form-submission",
                form_id=keys["form_id"],
                version_id=keys["version_id"],
                submission_id=str(uuid4()),
                view_id=str(uuid4()),
                step_id="start",
                values={"mail": email},
                consents={"yes": True},
                page="https://shop.example/",
                elapsed_ms=5_000,
            )["data"]
        }
        sent_at = time.monotonic()
        status, body = client.post(f"/client/form-submissions?company_id={keys['site']}", document)
        if status != 202:
            raise AssertionError(f"{status}: {body[:200]!r}")
        run.answers[email] = time.monotonic() - sent_at
    client.close()


def read(run: SubmissionRun, segment_id: int) -> None:
    """Note when each membership is there, until all are or it takes too long."""
    from django.db import connection  # noqa: PLC0415

    ends = max(run.due.values()) + DRAIN_SECONDS
    while len(run.members) < len(run.due) and time.monotonic() < ends:
        missing = [email for email in run.due if email not in run.members]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.email FROM segments_membership m"
                " JOIN profiles_profile p ON p.id = m.profile_id"
                " WHERE m.segment_id = %s AND p.email = ANY(%s)",
                [segment_id, missing],
            )
            at = time.monotonic()
            run.members |= {email: at for (email,) in cursor.fetchall()}
        time.sleep(LOOK_SECONDS)
    connection.close()
    if len(run.members) < len(run.due):
        raise AssertionError(f"{len(run.members)} of {len(run.due)} memberships seen")


def run_all(address: str, keys: Json, segment_id: int, emails: Sequence[str]) -> SubmissionRun:
    """Send all addresses in their order and wait for their memberships."""
    began = time.monotonic() + 0.5
    run = SubmissionRun({email: began + n / RATE for n, email in enumerate(emails)})
    threads = [
        Thread(target=send, args=(run, address, keys, emails[n::SENDERS])) for n in range(SENDERS)
    ]
    for thread in threads:
        thread.start()
    read(run, segment_id)
    for thread in threads:
        thread.join()
    return run


def main() -> int:
    """Print one line of JSON for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.submissions", description=__doc__)
    parser.add_argument("--profiles", type=int, default=PEOPLE["demo"])
    options = parser.parse_args()
    with new_instance() as instance:
        keys, segment_id, known = set_up(options.profiles)
        emails = [
            known[n] if n % 2 else f"visitor-{n}@new.example" for n in range(min(COUNT, len(known)))
        ]
        run_all(instance.address, keys, segment_id, [f"warm-{n}@new.example" for n in range(40)])
        run = run_all(instance.address, keys, segment_id, emails)
        delays = sorted((run.members[email] - run.due[email]) * 1000 for email in emails)
        for percent in (50, 99):
            place = min(len(delays) * percent // 100, len(delays) - 1)
            tell(f"submission to membership: p{percent}", delays[place], "ms")
        tell("submission to membership: slowest", delays[-1], "ms")
        answers = {
            is_known: statistics.median(run.answers[e] * 1000 for e in emails[is_known::2])
            for is_known in (0, 1)
        }
        tell("answer for somebody new: median", answers[0], "ms")
        tell("answer for somebody known: median", answers[1], "ms")
    return 0


_CONTENT: Json = {
    "kind": "popup",
    "steps": [
        {
            "id": "start",
            "blocks": [
                {
                    "id": "mail",
                    "type": "field",
                    "property": "email",
                    "input": "email",
                    "label": "E-mail",
                },
                {"id": "yes", "type": "consent", "channel": "email", "wording": "News, please."},
                {"id": "send", "type": "button", "label": "Sign up"},
            ],
        }
    ],
}
_SUBMITTED: Json = {
    "type": "profile-metric",
    "metric": "Submitted Form",
    "measurement": "count",
    "measurement_filter": {"type": "numeric", "operator": "greater-than-or-equal", "value": 1},
    "timeframe_filter": {"type": "date", "operator": "alltime"},
}


def _filter(name: str, value: str) -> Json:
    return {"property": name, "filter": {"type": "string", "operator": "equals", "value": value}}


if __name__ == "__main__":
    os.environ.setdefault("SEGMENTER_LOG_LEVEL", "WARNING")
    os.environ["SEGMENTER_FORM_LIMIT"] = "0"  # one machine sends for many visitors
    sys.exit(main())
