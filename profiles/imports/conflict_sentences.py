"""Sentences of an import's report about identifiers that belong to somebody else."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

_WHAT = {
    "external_id": _("an external id"),
    "email": _("an e-mail address"),
    "phone_number": _("a phone number"),
}


def sentence(kind: str, identifier: str, count: int) -> str:
    """A sentence about the rows of an import whose identifier belongs to another person.

    `kind` is profiles or events.
    """
    if kind == "profiles":
        text = ngettext(
            "%(count)s person shares %(what)s with somebody else, with whom it stays.",
            "%(count)s people share %(what)s with somebody else, with whom it stays.",
            count,
        )
    else:
        text = ngettext(
            "%(count)s row names %(what)s of somebody else, with whom it stays.",
            "%(count)s rows name %(what)s of somebody else, with whom it stays.",
            count,
        )
    return text % {"count": f"{count:,}", "what": gettext(_WHAT[identifier])}
