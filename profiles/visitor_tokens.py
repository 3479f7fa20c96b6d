"""Tokens that prove who somebody is: a visitor of the shop's pages, or of the preference page.

The visitor's (`_kx` in links of e-mails, `exchange_id` of Klaviyo's script) is encrypted: it says
nothing about the person or how many there are. A token of the preference page is of another
purpose: none can be used for the other. What the shop signs about its signed-in customers is read
in `forms_targeting`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography.fernet import InvalidToken
from django.db import connection

from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.secrets import keys_for

VALID_DAYS = 365
LONGEST = 2_000
"""Most characters of a token that is looked at."""
_VISITOR = b"segmenter: visitor tokens"
_PREFERENCES = b"segmenter: preference links"


def visitor_token(account: Account, profile_id: int, *, at: datetime) -> str:
    """Return a token that proves this person for VALID_DAYS: letters, digits, - and _."""
    return _new_token(_VISITOR, account, profile_id, at)


def profile_of_token(account: Account, token: str, *, at: datetime) -> int | None:
    """Return the profile's id that a token proves, after merges; None for every other text.

    A person who was erased since has no profile: then it is None, too.
    """
    account_id, profile_id = _read(_VISITOR, token, at)
    return present_id(account, profile_id) if account_id == account.pk else None


def preference_token(account: Account, profile_id: int, *, at: datetime) -> str:
    """Return the token in a person's link to the preference page, valid as long as the others."""
    return _new_token(_PREFERENCES, account, profile_id, at)


def person_of_preferences(token: str, *, at: datetime) -> Profile | None:
    """Return the person of a link to the preference page, with the account, after merges."""
    account_id, profile_id = _read(_PREFERENCES, token, at)
    account = Account.objects.filter(pk=account_id).first()
    if account is None or (number := present_id(account, profile_id)) is None:
        return None
    return Profile.objects.select_related("account").filter(pk=number, account=account).first()


def _new_token(purpose: bytes, account: Account, profile_id: int, at: datetime) -> str:
    text = f"{account.pk}.{profile_id}".encode()
    token: bytes = keys_for(purpose).encrypt_at_time(text, int(at.timestamp()))
    return token.decode().rstrip("=")


def _read(purpose: bytes, token: str, at: datetime) -> tuple[int, int]:
    """The ids of account and profile in a token; 0 and 0 for every other text."""
    if not token or len(token) > LONGEST or not token.isascii():
        return 0, 0
    keys = keys_for(purpose)
    bare = token.rstrip("=")
    padded = (bare + "=" * (-len(bare) % 4)).encode()
    try:
        text = keys.decrypt(padded).decode()
    except InvalidToken:
        return 0, 0
    issued = datetime.fromtimestamp(keys.extract_timestamp(padded), tz=UTC)
    if issued < at - timedelta(days=VALID_DAYS):
        return 0, 0
    account_id, _dot, profile_id = text.partition(".")
    return int(account_id), int(profile_id)


def present_id(account: Account, profile_id: int) -> int | None:
    """Return the id of the profile that an id means now, after merges; None if it is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce("
            "(SELECT id FROM profiles_profile WHERE id = %(id)s AND account_id = %(account)s),"
            " (SELECT profile_id FROM profiles_profilemerge"
            " WHERE old_id = %(id)s AND account_id = %(account)s))",
            {"id": profile_id, "account": account.pk},
        )
        row = cursor.fetchone()
    return None if row is None else row[0]
