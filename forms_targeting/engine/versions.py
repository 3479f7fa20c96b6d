"""The published version of a form that a visitor sees."""

from __future__ import annotations

from typing import Any

from forms_targeting.models import FormVersion
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem


def find_version(account: Account, attributes: Any) -> FormVersion:
    """Return the version that a page names by `form_id` and `version_id`. Raises Invalid.

    Also of a form that is paused or archived by now: a page may have been open for long.
    """
    keys = {name: attributes.get(name) for name in ("form_id", "version_id")}
    for name, key in keys.items():
        if not isinstance(key, str) or not key.isascii() or not key.isalnum():
            raise Invalid(Problem(f"/data/attributes/{name}", "invalid", "There is no such form."))
    version = (
        FormVersion.objects.select_related("form__list", "variant")
        .filter(account=account, key=keys["version_id"], form__key=keys["form_id"])
        .first()
    )
    if version is None:
        place = "/data/attributes/version_id"
        raise Invalid(Problem(place, "not_found", "The form has no such version."))
    version.account = version.form.account = account
    return version
