"""What somebody asks for: columns, format, signs, who is left out. As values, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segments.engine.reachable import MARKETING_CHANNELS
from segments.member_files.column import ExportColumn, Shop, columns_of, find_column
from segments.member_files.file_format import FileStyle, formats_by_rank
from segments.member_files.regional import usual_signs

DELIMITERS = {",": _("comma"), ";": _("semicolon"), "\t": _("tab")}
DECIMALS = {".": _("point (1234.5)"), ",": _("comma (1234,5)")}
NAMES = "names"
"""In place of a language: headings are what programs call the columns."""
EVERYONE, ANY = "everyone", "any"
REACHES = {
    EVERYONE: _("Everyone"),
    ANY: _("Only who can be reached by email, SMS or push"),
    "email": _("Only who can be reached by email"),
    "sms": _("Only who can be reached by SMS"),
    "push": _("Only who can be reached by push"),
}

USUAL_COLUMNS = (
    *("id", "external_id", "email", "first_name", "last_name", "phone_number"),
    *("city", "region", "country", "entered"),
)
CLV_COLUMNS = (
    *("id", "external_id", "email", "first_name", "last_name"),
    *("historic_clv", "predicted_clv", "total_clv", "predicted_number_of_orders"),
    *("churn_probability", "average_days_between_orders"),
)
CLV = "clv"
STANDARD_SETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "usual": (gettext_noop("Usual columns"), USUAL_COLUMNS),
    CLV: (gettext_noop("Customer lifetime value"), CLV_COLUMNS),
}
"""Sets that every account has: key to name and columns; CLV takes the UTM medium besides."""


@dataclass(frozen=True)
class ExportRequest:
    columns: tuple[str, ...]
    format: str = "csv"
    language: str = NAMES
    delimiter: str = ","
    decimal: str = "."
    byte_order_mark: bool = False
    reach: str = EVERYONE

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def channels(self) -> tuple[str, ...]:
        """Of which one has to be open to a person; none if everyone is in the file."""
        if self.reach == EVERYONE:
            return ()
        return MARKETING_CHANNELS if self.reach == ANY else (self.reach,)

    def style(self, account: Account) -> FileStyle:
        return FileStyle(
            self.delimiter,
            self.decimal,
            self.byte_order_mark,
            self.language == NAMES,
            account.zone,
        )

    def find_columns(self, shop: Shop) -> list[ExportColumn]:
        """The columns, called as the headings' language does. Raises Invalid."""
        language = "en" if self.language == NAMES else self.language
        with translation.override(language):
            return columns_of(shop, self.columns)


def request_from(stored: Mapping[str, Any]) -> ExportRequest:
    """What was written with `as_json`."""
    return ExportRequest(**{**stored, "columns": tuple(stored["columns"])})


def standard_columns(shop: Shop, key: str) -> list[str]:
    """The columns of a set that every account has."""
    names = list(STANDARD_SETS[key][1])
    if key == CLV:
        medium = find_column(shop, "utm_medium")
        names += [medium.name] if medium else []
    return names


def usual_request(account: Account, language: str) -> ExportRequest:
    """What the page begins with: a file for the Excel of the account's country."""
    known = {code for code, _name in settings.LANGUAGES}
    short = language.split("-")[0]
    delimiter, decimal = usual_signs(account, language)
    return ExportRequest(
        USUAL_COLUMNS,
        language=short if short in known else "en",
        delimiter=delimiter,
        decimal=decimal,
        byte_order_mark=True,
    )


def check_request(request: ExportRequest, shop: Shop) -> ExportRequest:
    """The request with its columns by their right names. Raises Invalid with all that is wrong."""
    problems = list(_problems(request))
    columns: list[ExportColumn] = []
    try:
        columns = columns_of(shop, request.columns)  # errors are in the language of who asks
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(*problems)
    return replace(request, columns=tuple(column.name for column in columns))


def _problems(request: ExportRequest) -> list[Problem]:
    allowed = {
        "format": [name for name, _format in formats_by_rank()],
        "language": [NAMES, *(code for code, _name in settings.LANGUAGES)],
        "delimiter": list(DELIMITERS),
        "decimal": list(DECIMALS),
        "reach": list(REACHES),
    }
    return [
        Problem(
            f"/{name}",
            "invalid",
            gettext("“%(value)s” is none of: %(values)s.")
            % {"value": getattr(request, name), "values": ", ".join(values)},
        )
        for name, values in allowed.items()
        if getattr(request, name) not in values
    ]
