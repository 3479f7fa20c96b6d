"""The comparison of variants in words, and the names of what figures are counted by."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from forms_targeting.engine.figures import Breakdown, FormFigures
from forms_targeting.figures.experiment import VariantFinding, VariantResult
from forms_targeting.models import Device, FormVersion
from predictions.pages.wording import number
from segments.campaigns.wording import VerdictText, percent, points

BREAKDOWNS = {
    Breakdown.DAY: gettext_lazy("By day"),
    Breakdown.VARIANT: gettext_lazy("By variant"),
    Breakdown.VERSION: gettext_lazy("By version"),
    Breakdown.PAGE: gettext_lazy("By page"),
    Breakdown.DEVICE: gettext_lazy("By device"),
}


PART_LABELS = {
    Breakdown.DAY: gettext_lazy("Day"),
    Breakdown.VARIANT: gettext_lazy("Variant"),
    Breakdown.VERSION: gettext_lazy("Version"),
    Breakdown.PAGE: gettext_lazy("Page"),
    Breakdown.DEVICE: gettext_lazy("Device"),
}


def part_name(by: Breakdown, part: Any, versions: dict[int, FormVersion]) -> str:
    """Return the name of a part of the figures."""
    match by:
        case Breakdown.DAY:
            return day_name(part)
        case Breakdown.VARIANT:
            return _("Variant %(letter)s") % {"letter": part}
        case Breakdown.VERSION:
            version = versions[part]
            about = {"letter": version.variant.letter, "number": version.number}
            return _("Variant %(letter)s, version %(number)s") % about
        case Breakdown.DEVICE:
            return str(dict(Device.choices).get(part, part))
        case Breakdown.PAGE:
            return part or pgettext("page of a form", "unknown")


def day_name(day: date) -> str:
    return date_format(day, _("D j M Y"))


def rate_text(figures: FormFigures) -> str:
    """Return a rate as a percentage; a dash without views."""
    return "–" if figures.rate is None else percent(figures.rate)


def result_text(result: VariantResult) -> VerdictText:
    """Say which variant is better, how sure that is, and how many more views are needed."""
    best, nearest = result.best, result.contrasts[0]
    rates = {
        "best": best,
        "other": nearest.letter,
        "rate": percent(result.tallies[best].rate or 0),
        "other_rate": percent(result.tallies[nearest.letter].rate or 0),
    }
    if result.finding is VariantFinding.BETTER:
        title = _("%(best)s is better") % rates
        ends = rates | {"low": points(nearest.valid.low), "high": points(nearest.valid.high)}
        text = _(
            "%(rate)s of the displays of %(best)s are submitted, %(other_rate)s of %(other)s:"
            " better by %(low)s to %(high)s points. This holds however often you look."
        )
        return VerdictText("good", title, text % ends)
    if result.finding is VariantFinding.TOO_FEW:
        text = _("Too few submissions to tell the variants apart.")
    else:
        ends = rates | {
            "low": points(nearest.valid.low, signed=True),
            "high": points(nearest.valid.high, signed=True),
        }
        text = _(
            "%(rate)s of the displays of %(best)s are submitted, %(other_rate)s of %(other)s. The"
            " difference lies between %(low)s and %(high)s points: it may be chance."
        )
        text %= ends
    return VerdictText("info", _("Nothing is decided yet"), f"{text} {_more(result)}")


def _more(result: VariantResult) -> str:
    if result.more_views is None:
        return _("If the rates stay as they are, no number of views will show a difference.")
    return _("If the rates stay as they are, about %(n)s more views are needed.") % {
        "n": number(_round(result.more_views))
    }


def _round(n: int) -> int:
    """To two digits: it is an estimate."""
    digits = max(len(str(n)) - 2, 0)
    return round(n, -digits)
