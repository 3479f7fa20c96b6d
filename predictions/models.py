"""The predictions of an account: its settings, runs, daily figures, and a row for each person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from profiles.models import Profile
from segmenter.accounts.models import Account


class Choices(models.Model):
    """The settings of an account. A metric is a key; null: the usual name; "": none."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    order_metric = models.CharField(max_length=6, null=True, blank=True)
    refund_metric = models.CharField(max_length=6, null=True, blank=True)
    cancel_metric = models.CharField(max_length=6, null=True, blank=True)
    guesses_gender = models.BooleanField(default=True)
    gender_note = models.TextField(blank=True, default="")
    """Why gender is not guessed here."""
    medium_from = models.FloatField(default=0.3333)
    """Churn risk is low below this probability,"""
    high_from = models.FloatField(default=0.6667)
    """and high from this one on."""

    def __str__(self) -> str:
        return f"choices of {self.account_id}"


class Upkeep(models.Model):
    """The lease of an account's predictions, and when they were last refreshed."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    heartbeat = models.DateTimeField(null=True)
    """The last heartbeat of the worker; null: there is none."""
    day = models.DateField(null=True)
    """The last full day that predictions take into account."""
    asked = models.DateTimeField(null=True)
    """When a new fit was requested; null again once it is done."""
    failed = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")
    writes = models.BigIntegerField(default=0, db_default=0)
    """Number of writes of predictions, by which caches know that they are out of date."""

    def __str__(self) -> str:
        return f"upkeep of {self.account_id}"


class RunStatus(models.TextChoices):
    """The status of a run."""

    RUNNING = "running", _("Running")
    PUBLISHED = "published", _("Published")
    HELD_BACK = "held_back", _("Held back")


class Run(models.Model):
    """A fit of the models and its backtest. The last published run is in use."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, related_name="+")
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.RUNNING)
    cutoff = models.DateField()
    """The last day of the data, in the account's zone."""
    version = models.CharField(max_length=20)
    """Version of the models' code."""
    filters = models.JSONField(default=dict)
    """The metrics of orders, refunds and cancellations: name to key."""
    customers = models.IntegerField(default=0)
    repeat_customers = models.IntegerField(default=0)
    orders = models.IntegerField(default=0)
    left_out = models.JSONField(default=dict)
    """Number of rows that did not count: `cancelled`, `worthless`."""
    first_order = models.DateField(null=True)
    last_order = models.DateField(null=True)
    parameters = models.JSONField(default=dict)
    """r, alpha, a, b (days) of the order model; p, q, v of the spend model. null: no model."""
    covariance = models.JSONField(null=True)
    """4 x 4, of the logarithms of r, alpha, a and b."""
    endings = models.JSONField(default=dict)
    """How each fit ended: `orders` and `spend`, each with `rung`, `reason` and `steps`."""
    log_likelihood = models.FloatField(null=True)
    backtest = models.JSONField(default=dict)
    """All figures; see `predictions.storage.serialization`."""
    verdicts = models.JSONField(default=list)
    """The publish rule: each check with `value`, `limit` and `passed`."""
    challenger_won = models.BooleanField(default=False)
    seconds = models.FloatField(default=0.0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "-started"], name="runs_of_account")]

    def __str__(self) -> str:
        return f"run of {self.account_id} until {self.cutoff}"


class Day(models.Model):
    """The figures of an account's predictions, as of the end of one of its days."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    made = models.DateTimeField()
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    """The run whose models were used; null if nothing could be predicted."""
    gate = models.JSONField(default=list)
    """The requirements: `need`, `value`, `least`."""
    customers = models.IntegerField(default=0)
    forecast = models.JSONField(null=True)
    groups = models.JSONField(default=dict)
    """RFM group to its number of people."""
    cells = models.JSONField(default=dict)
    """RFM code (such as "333") to its number of people."""
    limits = models.JSONField(default=dict)
    """Upper limits of terciles: `orders` and `spend`, two numbers each; and the `order_metric`."""
    churn = models.JSONField(default=dict)
    """`low`, `medium`, `high` to the number of people."""
    percentiles = models.JSONField(default=list)
    """101 churn risks: the lowest, the one that 1 % of customers are below, ... the highest."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "day"], name="one_row_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} on {self.day}"


class Prediction(models.Model):
    """The figures and predictions of one person. Null is "unknown", never zero.

    There are no foreign keys in the database: writers lock the profile, and merging and erasing
    delete the row (`profiles.registries.person_tables`).
    """

    pk = models.CompositePrimaryKey("account_id", "profile_id")
    account = models.ForeignKey(
        Account, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    profile = models.ForeignKey(
        Profile, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    historic_clv = models.FloatField(null=True)
    predicted_clv = models.FloatField(null=True)
    total_clv = models.FloatField(null=True)
    historic_number_of_orders = models.FloatField(null=True)
    predicted_number_of_orders = models.FloatField(null=True)
    average_order_value = models.FloatField(null=True)
    average_days_between_orders = models.FloatField(null=True)
    churn_30 = models.FloatField(null=True)
    churn_90 = models.FloatField(null=True)
    churn_180 = models.FloatField(null=True)
    churn_probability = models.FloatField(null=True)
    order_probability = models.FloatField(null=True)
    next_order = models.DateField(null=True)
    next_order_from = models.DateField(null=True)
    next_order_to = models.DateField(null=True)
    rfm_group = models.TextField(null=True)
    rfm_code = models.SmallIntegerField(null=True)
    previous_rfm_group = models.TextField(null=True)
    rfm_changed = models.DateField(null=True)
    predicted_gender = models.TextField(null=True)
    as_of = models.DateField()
    """The day as of whose end the row was last changed."""

    def __str__(self) -> str:
        return f"prediction for {self.profile_id}"
