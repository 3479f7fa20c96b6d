"""The script that a shop's pages load: the parts in static/forms_targeting/onsite as one function.

The parts are read once for each process. Lines of comment are left out of what is sent.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from forms_targeting.models import Site

PARTS = (
    *("environment", "storage", "visitor", "requests", "people"),
    *("triggers", "displays", "decisions", "pages", "commands"),
)
"""In this order: a part may use at once only what stands before it."""
_FOLDER: Path = settings.BASE_DIR / "static" / "forms_targeting"


@dataclass(frozen=True)
class Script:
    """A file of JavaScript as it is sent."""

    text: str

    @cached_property
    def content(self) -> bytes:
        return self.text.encode()

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)

    @cached_property
    def revision(self) -> str:
        """Differs for every other content."""
        return hashlib.sha256(self.content).hexdigest()[:16]


def site_script(site: Site) -> Script:
    """Return the script with the settings of a site."""
    return _site_script(site.account.site_key, site.needs_consent)


@lru_cache(maxsize=1_000)
def _site_script(site_key: str, needs_consent: bool) -> Script:
    values = {
        "site_key": site_key,
        "needs_consent": needs_consent,
        "form_module": f"{reverse('forms_targeting:form-module')}?v={form_module().revision}",
    }
    head = f'(function () {{\n"use strict";\nconst SETTINGS = {json.dumps(values)};\n'
    return Script(f"{head}{_parts()}}})();\n")


def unknown_site_script() -> Script:
    """Return the script of a key that no account has: it tells whoever looks, and does nothing."""
    return Script(
        'console.warn("Segmenter: no site has the key in the address of this script.");\n'
    )


@lru_cache(maxsize=1)
def form_module() -> Script:
    """Return the module that draws forms."""
    return Script(_code(_FOLDER / "form.js"))


@lru_cache(maxsize=1)
def _parts() -> str:
    return "".join(_code(_FOLDER / "onsite" / f"{name}.js") for name in PARTS)


def _code(path: Path) -> str:
    """The lines of a file, without indentation, empty lines and lines that are comments."""
    lines = (line.strip() for line in path.read_text().splitlines())
    code = (line for line in lines if line and not line.startswith(("//", "/** ")))
    return "".join(f"{line}\n" for line in code)
