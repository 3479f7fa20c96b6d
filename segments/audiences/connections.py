"""Making, changing, pausing and ending live connections. What they send is `sync`'s."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from segmenter.accounts.models import User
from segmenter.kernel.errors import Invalid, NotFound, Problem
from segmenter.kernel.hook import Hook
from segmenter.kernel.secrets import encrypt, secret_columns
from segments.audiences.api import Access, AudienceApi, apis
from segments.audiences.files import get_network
from segments.audiences.sync import access_of
from segments.engine.remote_call import ApiFailure
from segments.models import (
    Audience,
    AudienceChange,
    AudienceConnection,
    AudienceSync,
    ConnectionState,
    Segment,
)

MOST_VALUE = 2_000
"""Characters of a field."""
_NUMBER = re.compile(r"[0-9]{3,3}-?[0-9]{3,3}-?[0-9]{4,4}|[0-9]{1,20}")
_NUMBERS = frozenset({"audience_id", "account_id", "list_id"})
"""Fields that go into an address or name something there: digits alone."""

due = Hook[[int]]()
"""Called with a connection's id after a commit that gave it something to do; may be lost."""

secret_columns.add("audience connections", ("segments_audienceconnection", "credentials"))


def get_api(network: str) -> AudienceApi:
    """Return the API of a network. Raises NotFound if there is none."""
    get_network(network)
    if network not in apis:
        raise NotFound("The connection")
    return apis[network]


def connection_of(segment: Segment, network: str) -> AudienceConnection | None:
    """Return the segment's connection to a network, if there is one."""
    rows = AudienceConnection.objects.filter(
        account=segment.account_id, audience__segment=segment, audience__network=network
    )
    return rows.select_related("audience", "user").first()


def connect(
    *,
    segment: Segment,
    network: str,
    values: Mapping[str, str],
    includes_unasked: bool,
    user: User | None,
    at: datetime,
) -> AudienceConnection:
    """Connect a segment to an audience at a network, or change the connection that there is.

    The network is asked first whether it takes what is entered. A secret that is left empty stays
    as it is. Another audience there begins with everyone. Raises Invalid.
    """
    api, current = get_api(network), connection_of(segment, network)
    target, credentials = _read(api, values, current)
    has_consent = not includes_unasked
    try:
        api.check(Access(target, credentials, has_consent))
    except ApiFailure as failure:
        message = _("%(network)s says: %(words)s") % {
            "network": get_network(network).label,
            "words": failure.words,
        }
        raise Invalid(Problem("", "refused", message)) from None
    with transaction.atomic():
        audience, _is_new = Audience.objects.get_or_create(
            segment=segment,
            network=network,
            is_live=True,
            defaults={"account_id": segment.account_id, "created": at},
        )
        Audience.objects.select_for_update(no_key=True).get(pk=audience.pk)
        current = AudienceConnection.objects.filter(audience=audience).first()
        if current is not None and _destination(current.target) != _destination(target):
            audience.members.all().delete()
            AudienceChange.objects.filter(audience=audience).delete()
        audience.includes_unasked = includes_unasked
        audience.save(update_fields=["includes_unasked"])
        connection, _is_new = AudienceConnection.objects.update_or_create(
            audience=audience,
            defaults={
                "account_id": segment.account_id,
                "target": target,
                "credentials": encrypt(json.dumps(credentials)),
                "state": ConnectionState.ON,
                "error": "",
                "failures": 0,
                "next_at": at,
                "claim": None,
                "lease": None,
                "compared": None,
                "compared_all": None,
                "user": user,
            },
            create_defaults={
                "account_id": segment.account_id,
                "target": target,
                "credentials": encrypt(json.dumps(credentials)),
                "next_at": at,
                "user": user,
                "created": at,
            },
        )
        due.call_after_commit(connection.pk)
    return connection


def set_paused(connection: AudienceConnection, *, paused: bool, at: datetime) -> None:
    """Send nothing more; or compare everyone now, whenever that was done last, and send again."""
    rows = AudienceConnection.objects.filter(pk=connection.pk)
    if paused:
        rows.update(state=ConnectionState.PAUSED, claim=None, lease=None)
        return
    rows.update(
        state=ConnectionState.ON,
        claim=None,
        lease=None,
        next_at=at,
        compared=None,
        failures=0,
        error="",
    )
    due.call_after_commit(connection.pk)


def disconnect(connection: AudienceConnection) -> None:
    """End a connection and forget the token. People stay in the audience at the network."""
    with transaction.atomic():
        connection.audience.delete()


def target_of(connection: AudienceConnection) -> list[tuple[str, str]]:
    """What the audience is called at the network: label and value of each field not secret."""
    fields = get_api(connection.audience.network).fields
    return [
        (str(each.label), connection.target.get(each.name, ""))
        for each in fields
        if not each.is_secret
    ]


def latest_syncs(connection: AudienceConnection, most: int) -> list[AudienceSync]:
    return list(connection.syncs.order_by("-pk")[:most])


def _destination(target: Mapping[str, str]) -> dict[str, str]:
    """Which audience a target names; another one has nobody yet."""
    return {name: value for name, value in target.items() if name in _NUMBERS}


def _read(
    api: AudienceApi, values: Mapping[str, str], current: AudienceConnection | None
) -> tuple[dict[str, str], dict[str, str]]:
    """The fields that are not secret and those that are, checked."""
    problems = []
    target: dict[str, str] = {}
    credentials: dict[str, str] = {}
    try:
        before = dict(access_of(current).credentials) if current is not None else {}
    except ApiFailure:
        before = {}
    for each in api.fields:
        value = values.get(each.name, "").strip()
        if each.is_secret and not value:
            value = before.get(each.name, "")
        if not value:
            problems.append(Problem(f"/{each.name}", "required", _("This is needed.")))
        elif len(value) > MOST_VALUE or not (value.isascii() and value.isprintable()):
            problems.append(Problem(f"/{each.name}", "invalid", _("This cannot be right.")))
        elif each.name in _NUMBERS and not _NUMBER.fullmatch(value):
            problems.append(Problem(f"/{each.name}", "invalid", _("This is a number.")))
        (credentials if each.is_secret else target)[each.name] = value
    if problems:
        raise Invalid(*problems)
    return target, credentials
