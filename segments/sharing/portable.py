"""A definition that another account can read: metrics, lists and segments by name, not by key.

The file is the one that `manage.py save_segment` takes. A link holds the same, compressed.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid, Problem
from segmenter.kernel.request_body import parse
from segments.engine.checking import check_definition
from segments.engine.queries import Inventory, resolve_names
from segments.models import Segment

MOST_TEXT = 1_000_000
"""Characters of a file."""
MOST_LINK = 4_000
"""Characters of a link's content; browsers and servers pass on addresses of this length."""


def portable(segment: Segment) -> dict[str, Any]:
    """Return a segment as a file says it: {"name", "definition"}.

    Raises Conflict where a list and a segment share a name, so that the name means neither.
    """
    inventory = Inventory(segment.account)
    segments = {key: other.name for key, other in inventory.segments.items()}
    shared = set(inventory.lists.values()) & set(segments.values())
    names = segments | inventory.lists

    def group(key: str) -> str:
        name = names.get(key, key)
        if name in shared:
            message = _("There is a list and a segment “%(name)s”; rename one of them.")
            raise Conflict(Problem("", "ambiguous", message % {"name": name}))
        return name

    def metric(key: str) -> str:
        return inventory.metrics.get(key, key)

    definition = _with_names(segment.definition, metric, group)
    return {"name": segment.name, "definition": definition}


def _with_names(value: Any, metric: Callable[[str], str], group: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_with_names(item, metric, group) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for name, item in value.items():
        if name == "metric_id" and isinstance(item, str):
            result["metric"] = metric(item)
        elif name == "group_ids" and isinstance(item, list):
            result["groups"] = [group(key) for key in item]
        else:
            result[name] = _with_names(item, metric, group)
    return result


def read_portable(account: Account, text: str) -> tuple[str, Any]:
    """Return the name and the definition of a file's text, in the words of an account.

    Raises Invalid with everything that is wrong, such as metrics that the account does not have.
    """
    if len(text) > MOST_TEXT:
        raise Invalid(Problem("", "too_large", _("This is too large for a segment.")))
    content = parse(text.removeprefix("\ufeff"))
    if not isinstance(content, Mapping) or not isinstance(content.get("name"), str):
        message = _("This is no segment: it needs a name and a definition.")
        raise Invalid(Problem("/name", "required", message))
    definition = resolve_names(account, content.get("definition"))
    check_definition(account, definition)
    return " ".join(content["name"].split())[:200], definition


def encode_link(content: Mapping[str, Any]) -> str:
    """Return a file's content as a part of an address; "" where it would be too long."""
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    text = base64.urlsafe_b64encode(zlib.compress(plain, 9)).decode().rstrip("=")
    return text if len(text) <= MOST_LINK else ""


def decode_link(text: str) -> str:
    """Return the text of a file that a link holds. Raises Invalid for what is damaged."""
    inflate = zlib.decompressobj()
    try:
        packed = base64.urlsafe_b64decode(text[:MOST_LINK].encode() + b"=" * (-len(text) % 4))
        plain = inflate.decompress(packed, MOST_TEXT).decode()
    except (ValueError, binascii.Error, zlib.error):
        raise Invalid(Problem("", "invalid", _("The link is damaged."))) from None
    if not inflate.eof:
        raise Invalid(Problem("", "invalid", _("The link is damaged.")))
    return plain
