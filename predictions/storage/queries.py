"""The state of an account's predictions: the last run, the one in use, and what is missing why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from django.db import connection

from predictions.models import Choices, Day, Prediction, Run, RunStatus, Upkeep
from predictions.numerics.gate import Gate, Requirement
from predictions.storage.orders import choices_of
from predictions.storage.serialization import gate_of
from profiles.models import Profile
from segmenter.accounts.models import Account

REFIT_DAYS = 7
QUIET_HOUR = 3
"""From this hour of the account's day on, the day before is processed."""
RETRY = "1 hour"
PREDICTED = frozenset(
    {
        "predicted_clv",
        "total_clv",
        "predicted_number_of_orders",
        "churn_probability",
        "order_probability",
        "expected_date_of_next_purchase",
        "expected_date_of_next_order",
        "rfm_group",
    }
)
"""Dimensions that exist only while the gate is open."""
NEEDS_SPEND_MODEL = frozenset({"predicted_clv", "total_clv"})
"""Those of them that need the spend model."""
GENDER = "predicted_gender"
AFFINITY = "channel_affinity"


class Lack(StrEnum):
    """Why something is not predicted."""

    NOT_YET = "not_yet"
    GATE = "gate"
    NO_MODEL = "no_model"
    NO_SPEND_MODEL = "no_spend_model"
    GENDER_OFF = "gender_off"
    NEVER = "never"


@dataclass(frozen=True)
class PredictionState:
    """`day` has the newest figures, `run` is the run that they used, `latest` the last one."""

    account: Account
    choices: Choices
    day: Day | None

    @cached_property
    def latest(self) -> Run | None:
        runs = Run.objects.filter(account=self.account).exclude(status=RunStatus.RUNNING)
        return runs.order_by("-started", "-pk").first()

    @property
    def run(self) -> Run | None:
        return self.day.run if self.day else None

    @cached_property
    def gate(self) -> Gate | None:
        return gate_of(self.day.gate) if self.day else None

    @property
    def failing(self) -> list[Requirement]:
        """The requirements that keep the gate closed."""
        if self.gate is None or self.gate.open:
            return []
        return [requirement for requirement in self.gate.requirements if not requirement.passed]

    @property
    def lack(self) -> Lack | None:
        """Why nothing is predicted; None if something is."""
        if self.gate is None:
            return Lack.NOT_YET
        if not self.gate.open:
            return Lack.GATE
        return Lack.NO_MODEL if self.run is None else None

    @property
    def lacks_spend(self) -> Lack | None:
        """Why no spend is predicted."""
        if self.lack is None and self.run is not None and self.run.parameters.get("p") is None:
            return Lack.NO_SPEND_MODEL
        return self.lack

    @property
    def is_held_back(self) -> bool:
        """Whether the last run did not pass its test."""
        return self.latest is not None and self.latest.status == RunStatus.HELD_BACK

    def lack_of(self, dimension: str) -> Lack | None:
        """Why a dimension is not predicted; None if it is."""
        if dimension == AFFINITY:
            return Lack.NEVER
        if dimension == GENDER:
            return None if self.choices.guesses_gender else Lack.GENDER_OFF
        if dimension in NEEDS_SPEND_MODEL:
            return self.lacks_spend
        if dimension == "rfm_group" and self.lack is Lack.NO_MODEL:
            return None
        return self.lack if dimension in PREDICTED else None


def state_of(account: Account) -> PredictionState:
    day = Day.objects.filter(account=account).select_related("run").order_by("-day").first()
    return PredictionState(account, choices_of(account), day)


def run_in_use(account: Account, filters: dict[str, str]) -> Run | None:
    """The run in use: the last published one for these metrics."""
    runs = Run.objects.filter(account=account, status=RunStatus.PUBLISHED, filters=filters)
    return runs.order_by("-started", "-pk").first()


def upkeep_of(account: Account) -> Upkeep:
    return Upkeep.objects.filter(account=account).first() or Upkeep(account=account)


def prediction_of(account: Account, profile: Profile) -> Prediction | None:
    return Prediction.objects.filter(account=account, profile=profile).first()


def accounts_due(at: datetime, *, only: int | None = None) -> list[int]:
    """Accounts with a full day that is not processed, or with a request.

    Accounts with a lease are left out, and those that failed less than an hour ago. A new account
    does not wait for the quiet hour. Times in the future come from a wrong clock and are ignored.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT account.id FROM accounts_account account
               LEFT JOIN predictions_upkeep upkeep ON upkeep.account_id = account.id
               CROSS JOIN LATERAL (SELECT %(at)s AT TIME ZONE account.time_zone AS time) AS local
               WHERE (upkeep.asked IS NOT NULL OR upkeep.day IS NULL
                      OR upkeep.day < local.time::date - 2 OR upkeep.day >= local.time::date
                      OR (upkeep.day < local.time::date - 1
                          AND extract(hour FROM local.time) >= %(quiet)s))
               AND (upkeep.heartbeat IS NULL OR upkeep.heartbeat < %(at)s - %(lease)s::interval
                    OR upkeep.heartbeat > %(at)s + %(lease)s::interval)
               AND (upkeep.failed IS NULL OR upkeep.failed < %(at)s - %(retry)s::interval
                    OR upkeep.failed > %(at)s)
               AND (%(only)s::bigint IS NULL OR account.id = %(only)s)
               AND EXISTS (SELECT FROM profiles_profile WHERE account_id = account.id)
               ORDER BY account.id""",
            {"at": at, "quiet": QUIET_HOUR, "lease": "15 minutes", "retry": RETRY, "only": only},
        )
        return [row[0] for row in cursor.fetchall()]
