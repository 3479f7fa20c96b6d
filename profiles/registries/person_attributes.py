"""Attributes of people from the apps above that the API includes on request (predictions)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.registry import Registry

PersonAttribute = Callable[[Account, Sequence[Profile]], Mapping[int, Any]]
"""(account, people) -> JSON value by id, with a fixed number of queries."""

person_attributes: Registry[PersonAttribute] = Registry("attribute of people")
"""By the attribute's name; filled in each app's AppConfig.ready."""
