"""Google's Data Manager API: members of a Customer Match list.

It takes the place of OfflineUserDataJobService of the Google Ads API. Sources: "Send audience
members", "Format user data", "Understand diagnostics" (Data Manager API) and "Using OAuth 2.0 for
Web Server Applications" for refreshing tokens: POST audienceMembers:ingest and :remove with at most
10,000 members and ten identifiers each; what came of a request is asked by requestStatus:retrieve.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from segments.audiences.api import Access, SendReport, Session, apis
from segments.audiences.customer import Customer
from segments.audiences.network import Identity
from segments.audiences.normal_forms import family_name, given_name, plain, sha256
from segments.engine.remote_call import ApiField, NeedsAttention, Reply, TryAgain, call, is_passing

_TERMS = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
_CONSENT = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}
_SAMPLES = 5


class GoogleApi:
    """A Customer Match list of a Google Ads account, by the ids of both."""

    fields = (
        ApiField(
            "account_id", _("Google Ads account"), _("Its customer id, such as 123-456-7890.")
        ),
        ApiField(
            "list_id",
            _("Customer Match list"),
            _("The number in the list’s address in Audience manager (userListId)."),
        ),
        ApiField("client_id", _("OAuth client id")),
        ApiField("client_secret", _("OAuth client secret"), is_secret=True),
        ApiField(
            "refresh_token",
            _("Refresh token"),
            _("For the scope https://www.googleapis.com/auth/datamanager."),
            is_secret=True,
        ),
    )

    def check(self, access: Access) -> None:
        member = self.removal(Identity(email=sha256("nobody@example.com")))
        self._ask(access, "remove", [member], validate_only=True)

    def document(self, customer: Customer, identity: Identity) -> list[dict[str, Any]]:
        identifiers = self.removal(identity)
        address = {
            "givenName": sha256(given_name(customer.first_name)),
            "familyName": sha256(family_name(customer.last_name)),
            "regionCode": customer.country,
            "postalCode": plain(customer.zip).upper(),
        }
        if all(address.values()):
            identifiers.append({"address": address})
        return identifiers

    def removal(self, identity: Identity) -> list[dict[str, Any]]:
        identifiers: list[dict[str, Any]] = []
        if identity.email:
            identifiers.append({"emailAddress": identity.email})
        if identity.phone:
            identifiers.append({"phoneNumber": identity.phone})
        return identifiers

    def send(
        self, access: Access, documents: Sequence[Any], *, is_removal: bool, session: Session
    ) -> SendReport:
        verb = "remove" if is_removal else "ingest"
        answer = self._ask(access, verb, documents, validate_only=False)
        return SendReport(open_request=str(answer.get("requestId") or ""))

    def outcome(self, access: Access, open_request: str) -> SendReport | None:
        query = urlencode({"requestId": open_request})
        url = f"{settings.SEGMENTER_GOOGLE_API}/v1/requestStatus:retrieve?{query}"
        answer = _answer(call("GET", url, _headers(access)))
        invalid, samples = 0, []
        for each in answer.get("requestStatusPerDestination") or []:
            if each.get("requestStatus") in (None, "PROCESSING", "REQUEST_STATUS_UNKNOWN"):
                return None
            for count in (each.get("errorInfo") or {}).get("errorCounts") or []:
                invalid += int(count.get("recordCount") or 0)
                samples.append(str(count.get("reason") or "")[:100])
        return SendReport(invalid=invalid, samples=tuple(samples[:_SAMPLES]))

    def _ask(
        self, access: Access, verb: str, members: Sequence[Any], *, validate_only: bool
    ) -> Mapping[str, Any]:
        account = "".join(sign for sign in access.target["account_id"] if sign.isdigit())
        document: dict[str, Any] = {
            "destinations": [
                {
                    "operatingAccount": {"accountType": "GOOGLE_ADS", "accountId": account},
                    "productDestinationId": access.target["list_id"],
                }
            ],
            "audienceMembers": [
                {"userData": {"userIdentifiers": identifiers}} for identifiers in members
            ],
            "encoding": "HEX",
            "validateOnly": validate_only,
        }
        if verb == "ingest":
            document["termsOfService"] = _TERMS
            if access.has_consent:
                document["consent"] = _CONSENT
        url = f"{settings.SEGMENTER_GOOGLE_API}/v1/audienceMembers:{verb}"
        headers = {**_headers(access), "content-type": "application/json"}
        return _answer(call("POST", url, headers, json.dumps(document).encode()))


def _headers(access: Access) -> dict[str, str]:
    return {"authorization": f"Bearer {_access_token(access)}"}


def _access_token(access: Access) -> str:
    """Exchange the refresh token for one that lasts an hour; each request has its own."""
    fields = {
        "grant_type": "refresh_token",
        "client_id": access.target["client_id"],
        "client_secret": access.credentials["client_secret"],
        "refresh_token": access.credentials["refresh_token"],
    }
    headers = {"content-type": "application/x-www-form-urlencoded"}
    reply = call("POST", settings.SEGMENTER_GOOGLE_TOKENS, headers, urlencode(fields).encode())
    token = reply.document.get("access_token")
    if 200 <= reply.status < 300 and isinstance(token, str):
        return token
    words = reply.document.get("error_description") or reply.document.get("error")
    words = f"{words or f'HTTP {reply.status}'}"
    if is_passing(reply.status):
        raise TryAgain(words, wait=reply.wait)
    raise NeedsAttention(words)


def _answer(reply: Reply) -> Mapping[str, Any]:
    if 200 <= reply.status < 300:
        return reply.document
    error = reply.document.get("error")
    error = error if isinstance(error, Mapping) else {}
    words = f"{error.get('message') or f'HTTP {reply.status}'}"
    violations = [
        f"{each.get('field')}: {each.get('description')}"
        for detail in error.get("details") or []
        if isinstance(detail, Mapping)
        for each in detail.get("fieldViolations") or []
    ]
    words = "; ".join([words, *violations[:3]])
    if is_passing(reply.status):
        raise TryAgain(words, wait=reply.wait)
    raise NeedsAttention(words)


apis.add("google", GoogleApi())
