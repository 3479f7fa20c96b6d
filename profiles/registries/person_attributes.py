"""Attributes of people that the apps above keep and the API tells on request, as predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.registry import Registry

PersonAttribute = Callable[[Account, Sequence[Profile]], Mapping[int, Any]]
"""People of an account to the JSON value of each, by id; as many queries for many as for one."""

person_attributes: Registry[PersonAttribute] = Registry("attribute of people")
"""By the attribute's name; filled in each app's AppConfig.ready."""
