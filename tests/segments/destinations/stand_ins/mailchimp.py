"""An audience of Mailchimp with tags, as the Marketing API 3.0 describes it."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pytest_django import Settings

from segments.destinations.kind import DestinationAccess
from tests.segments.audiences.stand_ins import Answer
from tests.segments.destinations.stand_ins.receiver import Broken, EmailService, Query

KEY = "0123456789abcdef0123456789abcdef-us21"
AUDIENCE, TAG = "3f4e5d6c7b", 8801
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional")


@dataclass
class _Member:
    email: str
    status: str
    merge_fields: dict[str, Any] = field(default_factory=dict)
    tags: set[int] = field(default_factory=set)


class Mailchimp(EmailService):
    """One audience with the tags VIP and VIP old."""

    def __init__(self) -> None:
        super().__init__()
        self.audience: dict[str, _Member] = {}
        self.merge_fields: dict[str, dict[str, Any]] = {
            tag: {"tag": tag, "name": name, "type": "text"}
            for tag, name in (("FNAME", "First Name"), ("LNAME", "Last Name"))
        }
        self.most_merge_fields = 30
        self.refuses_syntax_as_a_whole = False
        self.is_there_is_an_error = True

    @property
    def access(self) -> DestinationAccess:
        settings = {"audience_id": AUDIENCE, "tag": "vip"}
        return DestinationAccess(settings, {"api_key": KEY}, account_id=1)

    def members(self) -> set[str]:
        return {member.email.lower() for member in self.audience.values() if TAG in member.tags}

    def member(self, email: str) -> _Member:
        return self.audience[_digest(email)]

    def join(self, email: str, status: str = "subscribed", *, is_tagged: bool = False) -> None:
        tags = {TAG} if is_tagged else set()
        self.audience[_digest(email)] = _Member(email, status, tags=tags)

    def words_about(self, email: str) -> str:
        return str(self.member(email))

    # --- the service -------------------------------------------------------------------------

    def broken(self, status: int, words: str) -> Broken:
        document = {"type": "about:blank", "title": "Problem", "status": status, "detail": words}
        return Broken(status, {**document, "instance": "b7d"})

    def authorize(self, query: Query) -> None:
        scheme, _space, credentials = query.headers.get("authorization", "").partition(" ")
        if scheme != "Basic" or b64decode(credentials).partition(b":")[2] != KEY.encode():
            raise self.broken(401, "Your API key may be invalid")

    def serve(self, query: Query) -> Answer:
        start = f"/3.0/lists/{AUDIENCE}"
        if not query.path.startswith(start):
            raise self.broken(404, "The requested resource could not be found.")
        method, rest = query.method, query.path.removeprefix(start).split("/")[1:]
        match method, rest:
            case "GET", []:
                return 200, {"name": "Shop"}
            case "POST", []:
                return self._batch(query)
            case "GET", ["tag-search"]:
                tags = [{"id": 8802, "name": "VIP old"}, {"id": TAG, "name": "VIP"}]
                prefix = query.parameters["name"].lower()
                tags = [tag for tag in tags if str(tag["name"]).lower().startswith(prefix)]
                return 200, {"tags": tags, "total_items": len(tags)}
            case "GET", ["merge-fields"]:
                return 200, {"merge_fields": list(self.merge_fields.values())}
            case "POST", ["merge-fields"]:
                return self._create_field(query.document)
            case "POST", ["segments", number]:
                return self._change(query.document, int(number))
            case "GET", ["segments", number, "members"]:
                return self._page(query, int(number))
            case "GET", ["members", digest, "tags"]:
                if digest not in self.audience:
                    raise self.broken(404, "The requested resource could not be found.")
                return 200, {"tags": [{"id": tag} for tag in self.audience[digest].tags]}
        raise self.broken(405, "Method not allowed")

    def _batch(self, query: Query) -> Answer:
        document = query.document
        self.only(document, "members", "update_existing", "sync_tags")
        if len(document["members"]) > 500:
            raise self.broken(400, "You may only send up to 500 members.")
        assert document["update_existing"] is True
        emails = [each["email_address"] for each in document["members"]]
        wrong = [n for n, email in enumerate(emails) if not _ADDRESS.fullmatch(email)]
        if wrong and self.refuses_syntax_as_a_whole:
            errors = [
                {"field": f"members.item:{n}.email_address", "message": "Schema describes email"}
                for n in wrong
            ]
            document = {"title": "Invalid Resource", "status": 400, "errors": errors}
            raise Broken(400, document)
        errors = []
        for each in document["members"]:
            self.only(each, "email_address", "status_if_new", "merge_fields")
            words = self._save(each)
            if words:
                error = {"error_code": "ERROR_GENERIC", "error": words}
                errors.append({"email_address": each["email_address"], **error})
        filler = [{"email_address": email, "note": "x" * 2_000} for email in emails]
        return 200, {"updated_members": filler, "errors": errors, "error_count": len(errors)}

    def _save(self, each: dict[str, Any]) -> str:
        email, fields = each["email_address"], each["merge_fields"]
        if not _ADDRESS.fullmatch(email):
            return "Please provide a valid email address."
        if email.endswith("@blocked.example"):
            return f"{email} is in a compliance state and cannot be subscribed."
        for tag, value in fields.items():
            if tag in self.merge_fields and self.merge_fields[tag]["type"] == "number":
                if not (value == "" or isinstance(value, int | float)):
                    return f"{tag}: Please enter a number"
            elif not isinstance(value, str):
                return f"{tag}: Data presented is not one of the accepted values"
        if each["status_if_new"] not in _STATUSES:
            return "Invalid status"
        new = _Member(email, each["status_if_new"])
        member = self.audience.setdefault(_digest(email), new)
        member.merge_fields.update({t: v for t, v in fields.items() if t in self.merge_fields})
        return ""

    def _create_field(self, document: dict[str, Any]) -> Answer:
        self.only(document, "name", "type", "tag")
        if len(self.merge_fields) >= self.most_merge_fields:
            raise self.broken(400, "You have reached the limit of merge fields.")
        tag = f"MMERGE{len(self.merge_fields)}"
        self.merge_fields[tag] = {"tag": tag, "name": document["name"], "type": document["type"]}
        return 200, self.merge_fields[tag]

    def _change(self, document: dict[str, Any], number: int) -> Answer:
        self.only(document, "members_to_add", "members_to_remove")
        [(verb, emails)] = document.items()
        if number != TAG:
            raise self.broken(404, f"A Static Segment with an id of {number} does not exist.")
        if len(emails) > 500:
            raise self.broken(400, "You may only send up to 500 members.")
        errors = []
        for email in emails:
            member = self.audience.get(_digest(email))
            if member is None:
                continue
            is_there = number in member.tags
            if is_there == (verb == "members_to_add"):
                errors.append(email)
            elif is_there:
                member.tags.discard(number)
            else:
                member.tags.add(number)
        errors = errors if self.is_there_is_an_error else []
        problem = {"email_addresses": errors, "error": "Nothing to be changed"}
        return 200, {"errors": [problem] if errors else [], "error_count": len(errors)}

    def _page(self, query: Query, number: int) -> Answer:
        count, offset = int(query.parameters["count"]), int(query.parameters["offset"])
        if count > 1_000:
            raise self.broken(400, "count is too large")
        wanted = {"subscribed", "pending"} | {
            status
            for status in ("cleaned", "transactional", "unsubscribed")
            if query.parameters.get(f"include_{status}") == "true"
        }
        emails = [
            {"email_address": member.email}
            for _digest, member in sorted(self.audience.items())
            if number in member.tags and member.status in wanted
        ]
        return 200, {"members": emails[offset : offset + count]}


def _digest(email: str) -> str:
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


@contextmanager
def receiver(settings: Settings) -> Iterator[Mailchimp]:
    service = Mailchimp()
    service.start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [service.host]
    settings.SEGMENTER_MAILCHIMP_API = f"http://{service.host}"
    try:
        yield service
    finally:
        service.stop()
