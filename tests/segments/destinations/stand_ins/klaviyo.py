"""Klaviyo's lists and profiles, as its OpenAPI of 2026-07-15 describes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pytest_django import Settings

from segments.destinations.kind import DestinationAccess
from tests.segments.audiences.stand_ins import Answer
from tests.segments.destinations.stand_ins.receiver import Broken, EmailService, Query

KEY = "pk_5ecret"
LIST = "Y6nRLr"
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass
class _Profile:
    id: str
    attributes: dict[str, Any]


@dataclass
class _Job:
    id: str
    profiles: list[dict[str, Any]]
    questions: int
    """How often it is asked before it has ended."""
    imported: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


class Klaviyo(EmailService):
    """One account with one list. Import jobs run when they are asked for."""

    media_type = "application/vnd.api+json"

    def __init__(self) -> None:
        super().__init__()
        self.profiles: dict[str, _Profile] = {}
        self.list_ids: set[str] = set()
        self.jobs: dict[str, _Job] = {}
        self.scopes = {"lists:read", "lists:write", "profiles:read", "profiles:write"}
        self.questions = 1
        self.job_refuses: dict[str, str] = {}
        """Addresses that the service only refuses while it imports them."""
        self.checks_syntax_at_once = True
        self.most_of_a_job: int | None = None
        """How many of its profiles a job tells, if it does not yet know all."""

    @property
    def access(self) -> DestinationAccess:
        return DestinationAccess({"list_id": LIST}, {"api_key": KEY}, account_id=1)

    def members(self) -> set[str]:
        return {self._key(self.profiles[identifier]) for identifier in self.list_ids}

    def profile(self, email: str) -> dict[str, Any]:
        [profile] = [p for p in self.profiles.values() if p.attributes.get("email") == email]
        return profile.attributes

    def join(self, **attributes: Any) -> str:
        """Let somebody be on the list whom nobody sent; return their id."""
        profile = self._upsert(attributes)
        self.list_ids.add(profile.id)
        return profile.id

    def words_about(self, email: str) -> str:
        return str(self.profile(email))

    # --- the service -------------------------------------------------------------------------

    def broken(self, status: int, words: str) -> Broken:
        return self._errors(status, [(words, None)])

    def authorize(self, query: Query) -> None:
        if query.headers.get("authorization") != f"Klaviyo-API-Key {KEY}":
            raise self.broken(401, "Missing or invalid private key.")
        if query.headers.get("revision") != "2026-07-15":
            raise self.broken(400, "Invalid revision")
        if query.headers.get("accept") != self.media_type:
            raise self.broken(406, "Not acceptable")

    def serve(self, query: Query) -> Answer:
        path = query.path
        if path.startswith("/api/profile-bulk-import-jobs"):
            return self._serve_jobs(query)
        if query.call == "GET /api/profiles":
            self._need("profiles:read")
            return self._page(query, self._filtered(query, list(self.profiles.values())))
        if not path.startswith("/api/lists/"):
            raise self.broken(404, "No such resource.")
        self._need("lists:read" if query.method == "GET" else "lists:write")
        if path.split("/")[3] != LIST:
            raise self.broken(404, f"A list with id {path.split('/')[3]} does not exist.")
        rest = path.removeprefix(f"/api/lists/{LIST}")
        if query.method == "GET" and rest == "":
            self.only(query.parameters, "fields[list]")
            return 200, {"data": {"type": "list", "id": LIST, "attributes": {"name": "VIPs"}}}
        self._need("profiles:read" if query.method == "GET" else "profiles:write")
        if query.method == "GET" and rest == "/profiles":
            members = [self.profiles[identifier] for identifier in sorted(self.list_ids)]
            return self._page(query, self._filtered(query, members))
        if query.method in ("POST", "DELETE") and rest == "/relationships/profiles":
            return self._change(query)
        raise self.broken(405, "Method not allowed.")

    def _serve_jobs(self, query: Query) -> Answer:
        if query.method == "POST":
            self._need("lists:write")
            self._need("profiles:write")
            return self._create_job(query.document["data"])
        self._need("profiles:read")
        _empty, _api, _jobs, identifier, *rest = query.path.split("/")
        job = self.jobs[identifier]
        if rest == ["profiles"]:
            imported = [self.profiles[each] for each in job.imported]
            return self._page(query, imported[: self.most_of_a_job])
        if rest == ["import-errors"]:
            return self._page(query, job.errors)
        job.questions -= 1
        if job.questions == 0:
            self.run(job)
        return 200, {"data": self._job(job)}

    def run(self, job: _Job) -> None:
        """Import the profiles of a job."""
        for number, profile in enumerate(job.profiles):
            attributes = profile["attributes"]
            words = self.job_refuses.get(attributes["email"])
            if words is None and not _ADDRESS.fullmatch(attributes["email"]):
                words = "Invalid email address"
            if words is None:
                job.imported.append(self._upsert(attributes).id)
            else:
                pointer = {"pointer": f"/data/attributes/profiles/data/{number}"}
                error = {"code": "invalid", "title": "Invalid input", "detail": words}
                job.errors.append({**error, "source": pointer, "original_payload": profile})

    def _create_job(self, data: dict[str, Any]) -> Answer:
        assert data["type"] == "profile-bulk-import-job"
        self.only(data, "type", "attributes", "relationships")
        profiles = data["attributes"]["profiles"]["data"]
        if not 0 < len(profiles) <= 10_000 or len(json.dumps(data)) > 5_000_000:
            raise self.broken(400, "Too many profiles, or too large.")
        problems = []
        for number, profile in enumerate(profiles):
            attributes = profile["attributes"]
            self.only(attributes, "email", "first_name", "last_name", "properties")
            if len(json.dumps(profile)) > 100_000:
                raise self.broken(413, "Profile is too large.")
            if self.checks_syntax_at_once and not _ADDRESS.fullmatch(attributes["email"]):
                place = f"/data/attributes/profiles/data/{number}/attributes/email"
                problems.append(("Invalid email address", place))
        if problems:
            raise self._errors(400, problems)
        job = _Job(f"01JOB{len(self.jobs)}", profiles, self.questions)
        self.jobs[job.id] = job
        if not job.questions:
            self.run(job)
        return 202, {"data": self._job(job)}

    def _job(self, job: _Job) -> dict[str, Any]:
        attributes = {
            "status": "complete" if job.questions <= 0 else "processing",
            "total_count": len(job.profiles),
            "completed_count": len(job.imported),
            "failed_count": len(job.errors),
        }
        return {"type": "profile-bulk-import-job", "id": job.id, "attributes": attributes}

    def _change(self, query: Query) -> Answer:
        data = query.document["data"]
        if not 0 < len(data) <= 1_000:
            raise self.broken(400, "Between 1 and 1000 profiles are needed.")
        unknown = [
            (f"A profile with id {each['id']} does not exist.", f"/data/{number}/id")
            for number, each in enumerate(data)
            if each["id"] not in self.profiles
        ]
        if unknown:
            raise self._errors(404, unknown)
        ids = {each["id"] for each in data}
        self.list_ids = self.list_ids | ids if query.method == "POST" else self.list_ids - ids
        return 204, b""

    def _filtered(self, query: Query, profiles: list[_Profile]) -> list[_Profile]:
        condition = query.parameters.get("filter")
        if condition is None:
            return profiles
        match = re.fullmatch(r"any\(email,(\[.*\])\)", condition)
        if match is None:
            raise self.broken(400, "Invalid filter")
        emails = json.loads(match[1])
        return [profile for profile in profiles if profile.attributes.get("email") in emails]

    def _page(self, query: Query, items: Sequence[Any]) -> Answer:
        self.only(query.parameters, "filter", "fields[profile]", "page[size]", "page[cursor]")
        size = int(query.parameters.get("page[size]", 20))
        if not 1 <= size <= 100:
            raise self.broken(400, "page[size] must be between 1 and 100")
        start = int(query.parameters.get("page[cursor]", "c0")[1:])
        more = start + size < len(items)
        link = f"https://elsewhere.example{query.path}?page%5Bcursor%5D=c{start + size}"
        data = [
            {"type": "profile", "id": each.id, "attributes": each.attributes}
            if isinstance(each, _Profile)
            else {"type": "import-error", "id": "1", "attributes": each}
            for each in items[start : start + size]
        ]
        return 200, {"data": data, "links": {"next": link if more else None}}

    def _upsert(self, attributes: dict[str, Any]) -> _Profile:
        email = attributes.get("email")
        for profile in self.profiles.values():
            if email is not None and profile.attributes.get("email") == email:
                properties = {
                    **profile.attributes.get("properties", {}),
                    **attributes.get("properties", {}),
                }
                profile.attributes.update({**attributes, "properties": properties})
                return profile
        profile = _Profile(f"01PRO{len(self.profiles):06}", dict(attributes))
        self.profiles[profile.id] = profile
        return profile

    def _key(self, profile: _Profile) -> str:
        return str(profile.attributes.get("email") or profile.id)

    def _need(self, scope: str) -> None:
        if scope not in self.scopes:
            words = f"The API key is missing required scopes for this endpoint: {scope}"
            raise self.broken(403, words)

    def _errors(self, status: int, problems: Sequence[tuple[str, str | None]]) -> Broken:
        errors = [
            {
                "id": "e",
                "status": status,
                "code": "invalid",
                "title": "Invalid input.",
                "detail": words,
                "source": {"pointer": place} if place else {},
            }
            for words, place in problems
        ]
        return Broken(status, {"errors": errors})


@contextmanager
def receiver(settings: Settings) -> Iterator[Klaviyo]:
    service = Klaviyo()
    service.start()
    settings.SEGMENTER_WEBHOOK_ALLOW = [service.host]
    settings.SEGMENTER_KLAVIYO_API = f"http://{service.host}"
    try:
        yield service
    finally:
        service.stop()
