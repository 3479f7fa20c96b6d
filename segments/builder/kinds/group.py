"""profile-group-membership in the builder: each list and segment is found by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _

from segments.builder.kinds.base import BuilderKind, Shortcut, builder_kind
from segments.builder.offers import Offer
from segments.builder.sources.names import groups
from segments.engine.vocabulary import Catalog


@builder_kind("profile-group-membership")
class GroupKind(BuilderKind):
    is_common: ClassVar[bool] = True
    shortcuts_title: ClassVar[str] = _("Lists and segments")
    shortcuts_icon: ClassVar[str] = "lists"
    shortcuts_rank: ClassVar[int] = 4

    def offer(self, partial: Mapping[str, Any]) -> Offer:
        is_outside = partial.get("is_member") is False
        return Offer(without=frozenset({"/timeframe_filter"} if is_outside else ()))

    def shortcuts(self, catalog: Catalog) -> Iterator[Shortcut]:
        for suggestion in groups(catalog):
            yield Shortcut(suggestion.words, {"group_ids": [json.loads(suggestion.value)]})
