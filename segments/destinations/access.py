"""What a destination's kind needs to write to it: the settings and the decrypted secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.utils.translation import gettext as _

from segmenter.kernel.secrets import UnreadableSecret, decrypt, encrypt, secret_columns
from segments.destinations.kind import DestinationAccess
from segments.engine.remote_call import NeedsAttention
from segments.models import Destination

secret_columns.add("destinations", ("segments_destination", "secrets"))


def access_of(destination: Destination) -> DestinationAccess:
    """Return what the kind needs to know. Raises NeedsAttention if no key decrypts the secrets."""
    try:
        secrets = json.loads(decrypt(destination.secrets)) if destination.secrets else {}
    except (UnreadableSecret, ValueError):
        raise NeedsAttention(
            _("The stored secrets cannot be decrypted any more. Enter them again.")
        ) from None
    return DestinationAccess(destination.settings, secrets, destination.account_id, destination.pk)


def encrypt_secrets(secrets: Mapping[str, str]) -> str:
    """Return secrets as they are stored; empty if there are none."""
    return encrypt(json.dumps(secrets)) if secrets else ""
