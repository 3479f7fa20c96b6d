"""Tokens that prove who a visitor of the shop's pages is: made here, or signed by the shop.

Our own (`_kx` in links of e-mails, `exchange_id` of Klaviyo's script) is encrypted: it says nothing
about the person or how many there are. What the shop signs about its signed-in customers is read in
`forms_targeting`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography.fernet import InvalidToken

from profiles.models import Profile, ProfileMerge
from segmenter.accounts.models import Account
from segmenter.kernel.secrets import keys_for

VALID_DAYS = 365
LONGEST = 2_000
"""Most characters of a token that is looked at."""
_PURPOSE = b"segmenter: visitor tokens"


def visitor_token(account: Account, profile_id: int, *, at: datetime) -> str:
    """Return a token that proves this person for VALID_DAYS: letters, digits, - and _."""
    text = f"{account.pk}.{profile_id}".encode()
    token: bytes = keys_for(_PURPOSE).encrypt_at_time(text, int(at.timestamp()))
    return token.decode().rstrip("=")


def profile_of_token(account: Account, token: str, *, at: datetime) -> int | None:
    """Return the profile's id that a token proves, after merges; None for every other text.

    A person who was erased since has no profile: then it is None, too.
    """
    if not token or len(token) > LONGEST or not token.isascii():
        return None
    keys = keys_for(_PURPOSE)
    bare = token.rstrip("=")
    padded = (bare + "=" * (-len(bare) % 4)).encode()
    try:
        text = keys.decrypt(padded).decode()
    except InvalidToken:
        return None
    issued = datetime.fromtimestamp(keys.extract_timestamp(padded), tz=UTC)
    account_id, _dot, number = text.partition(".")
    if account_id != str(account.pk) or issued < at - timedelta(days=VALID_DAYS):
        return None
    return present_id(account, int(number))


def present_id(account: Account, profile_id: int) -> int | None:
    """Return the id of the profile that an id means now, after merges; None if it is gone."""
    if Profile.objects.filter(account=account, pk=profile_id).exists():
        return profile_id
    merges = ProfileMerge.objects.filter(account=account, old_id=profile_id)
    return merges.values_list("profile_id", flat=True).first()
