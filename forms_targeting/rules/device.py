"""The kind of device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.models import Device
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import Visit
from segments.definition.words import either


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    return visit.device in values["devices"]


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    devices = [str(Device(name).label) for name in values["devices"]]
    return gettext("The device is: %(devices)s.") % {"devices": either(devices)}


rule_kinds.add(
    "device",
    RuleKind(
        label=_("Device"),
        attributes=(
            Attribute(
                "devices",
                _("Devices"),
                Kind.CHOICES,
                required=True,
                choices=tuple(Device.choices),
            ),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=90,
    ),
)
