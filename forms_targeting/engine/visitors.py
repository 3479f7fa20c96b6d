"""Who a visitor is, if that is proven: by our own token, or by what the shop signed.

E-mail addresses, phone numbers and ids that a page merely tells prove nothing and are not looked
up. A visitor without proof takes the same way and the same time, whatever the page tells.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt
from django.db import connection
from jwt.types import Options

from forms_targeting.engine.references import RuleReferences
from forms_targeting.models import Site
from forms_targeting.visit import Person
from profiles.consent_words import ConsentStatus
from profiles.ingest.parse import read_profile
from profiles.models import IDENTIFIERS
from profiles.visitor_tokens import present_id, profile_of_token
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segmenter.kernel.secrets import UnreadableSecret, decrypt

LONGEST_VALIDITY = timedelta(hours=24)
LEEWAY = timedelta(seconds=60)
"""How far the clocks of the shop's server and ours may differ."""
LONGEST_JWT = 4_000
_NO_TOKEN = "gA" + "A" * 96
"""Has the form of a token and proves nothing: who sends none takes as long as who sends rubbish."""
CLAIMS = ("id", "external_id", "email", "phone_number")
"""What the shop may sign, strongest first."""
_CHECKS: Options = {
    "require": ["exp"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""PyJWT checks the signature; times are checked here, since it reads its own clock."""


def visitor_id(site: Site, *, token: str, signed: str, at: datetime) -> int | None:
    """Return the id of the profile that a token or a JWT of the shop proves; None for nobody.

    A valid JWT goes first, also where the person is not known here: the browser's cookie may be of
    somebody who used it before.
    """
    claims = read_jwt(site, signed, at=at)
    if claims is not None:
        return profile_of_claims(site.account, claims)
    return profile_of_token(site.account, token or _NO_TOKEN, at=at)


def read_jwt(site: Site, signed: str, *, at: datetime) -> Mapping[str, Any] | None:
    """Return the claims that the shop signed for now; None for every other text.

    HS256 with the site's secret; `exp` is needed, in the future and at most LONGEST_VALIDITY ahead.
    """
    if not signed or len(signed) > LONGEST_JWT or not site.identity_secret:
        return None
    try:
        secret = decrypt(site.identity_secret)
        claims: dict[str, Any] = jwt.decode(signed, secret, algorithms=["HS256"], options=_CHECKS)
    except (UnreadableSecret, jwt.PyJWTError, ValueError, RecursionError):
        return None
    expires, begins = _instant(claims["exp"]), _instant(claims.get("nbf", 0))
    if expires is None or begins is None:
        return None
    moment = at.timestamp()
    leeway = LEEWAY.total_seconds()
    latest = moment + LONGEST_VALIDITY.total_seconds() + leeway
    if not moment - leeway < expires <= latest or begins > moment + leeway:
        return None
    return claims


def profile_of_claims(account: Account, claims: Mapping[str, Any]) -> int | None:
    """Return the id of the person with the strongest of the signed identifiers that anybody has."""
    record = {name: claims[name] for name in CLAIMS if claims.get(name) is not None}
    try:
        profile = read_profile(record)
    except Invalid:
        return None
    if profile.id is not None:
        return present_id(account, profile.id)
    with connection.cursor() as cursor:
        for name in IDENTIFIERS:
            if name in CLAIMS and (value := profile.identifiers.get(name)) is not None:
                cursor.execute(
                    f"SELECT id FROM profiles_profile WHERE account_id = %s AND {name} = %s",
                    [account.pk, value],
                )
                row = cursor.fetchone()
                if row is not None:
                    return int(row[0])
    return None


def read_person(
    account: Account, profile_id: int, references: RuleReferences, *, at: datetime
) -> Person:
    """Return what rules ask about a person, as it is committed now. One query, by indexes alone."""
    segments = {id_: key for key, id_ in references.segments.items()}
    lists = {id_: key for key, id_ in references.lists.items()}
    if not segments and not lists and not references.consents:
        return Person(profile_id, frozenset(), frozenset(), frozenset())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT segment_id, NULL, NULL FROM segments_membership"
            " WHERE segment_id = ANY(%s) AND profile_id = %s"
            " UNION ALL SELECT NULL, list_id, NULL FROM profiles_listmember"
            " WHERE list_id = ANY(%s) AND profile_id = %s"
            " UNION ALL SELECT NULL, NULL, channel FROM profiles_consent"
            " WHERE account_id = %s AND profile_id = %s AND status = %s"
            " AND (status_date IS NULL OR status_date <= %s)",
            [
                *(list(segments), profile_id),
                *(list(lists), profile_id),
                *(account.pk, profile_id, ConsentStatus.SUBSCRIBED.value, at),
            ],
        )
        rows = cursor.fetchall()
    return Person(
        profile_id,
        frozenset(segments[segment] for segment, _list, _channel in rows if segment is not None),
        frozenset(lists[group] for _segment, group, _channel in rows if group is not None),
        frozenset(channel for _segment, _list, channel in rows if channel is not None),
    )


def _instant(value: Any) -> float | None:
    """Seconds since 1970 of a claim; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 and math.isfinite(value) else None
