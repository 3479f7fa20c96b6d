"""The causes of entering and leaving, in words that complete "because of …"."""

from __future__ import annotations

from django.utils.translation import pgettext

from profiles.models import Cause


def cause_text(cause: Cause, *, first_build: bool = False) -> str:
    """A cause in words, in the active language."""
    if first_build:
        return pgettext("because of", "the segment being first built")
    return {
        Cause.EVENT: pgettext("because of", "something they did"),
        Cause.PROPERTY: pgettext("because of", "a changed property"),
        Cause.CONSENT: pgettext("because of", "a changed consent"),
        Cause.LIST: pgettext("because of", "a list they joined or left"),
        Cause.SEGMENT: pgettext("because of", "another segment they entered or left"),
        Cause.PREDICTION: pgettext("because of", "a new prediction"),
        Cause.TIME: pgettext("because of", "time that passed"),
        Cause.DEFINITION: pgettext("because of", "a changed definition"),
        Cause.IMPORT: pgettext("because of", "an import"),
        Cause.MERGE: pgettext("because of", "two people merged into one"),
        Cause.ERASE: pgettext("because of", "the person being erased"),
        Cause.REPAIR: pgettext("because of", "a repair by the nightly audit"),
    }[cause]
