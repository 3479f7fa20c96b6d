"""profile-property in the builder: each property is found by its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext_noop as _

from segments.builder.kinds.base import BuilderKind, Shortcut, builder_kind
from segments.engine.vocabulary import Catalog


@builder_kind("profile-property")
class PropertyKind(BuilderKind):
    is_common: ClassVar[bool] = True
    shortcuts_title: ClassVar[str] = _("Properties about someone")
    shortcuts_icon: ClassVar[str] = "person"
    shortcuts_rank: ClassVar[int] = 2

    def shortcuts(self, catalog: Catalog) -> Iterator[Shortcut]:
        for path in catalog.profile_properties:
            yield Shortcut(catalog.label("profile", path), {"property": path})
