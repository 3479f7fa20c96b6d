"""The words of consent, said once: channels, statuses, who is reachable, reasons of suppression.

Rows, files, the API, conditions and the rule in `profiles.reachability` all use these. No tables.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    EMAIL = "email", _("Email")
    SMS = "sms", _("SMS")
    PUSH = "push", _("Push")
    WHATSAPP_MARKETING = "whatsapp_marketing", _("WhatsApp marketing")
    WHATSAPP_TRANSACTIONAL = "whatsapp_transactional", _("WhatsApp transactional")


WHATSAPP: Final = (Channel.WHATSAPP_MARKETING.value, Channel.WHATSAPP_TRANSACTIONAL.value)


class ConsentStatus(TextChoices):
    SUBSCRIBED = "subscribed", _("Subscribed")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    NEVER_SUBSCRIBED = "never_subscribed", _("Never subscribed")


CAUTION: Final = (
    ConsentStatus.NEVER_SUBSCRIBED.value,
    ConsentStatus.SUBSCRIBED.value,
    ConsentStatus.UNSUBSCRIBED.value,
)
"""Of two statuses stated at the same time, or both at an unknown one, the one later here holds."""


class Reach(StrEnum):
    """Whether somebody can be reached on WhatsApp, and how it is known."""

    EXPLICITLY_REACHABLE = "explicitly_reachable"
    IMPLICITLY_REACHABLE = "implicitly_reachable"
    EXPLICITLY_UNREACHABLE = "explicitly_unreachable"
    IMPLICITLY_UNREACHABLE = "implicitly_unreachable"


class SuppressionReason(TextChoices):
    """Why someone may not be written to, whatever they agreed to."""

    HARD_BOUNCE = "hard_bounce", _("Hard bounce")
    INVALID_EMAIL = "invalid_email", _("Invalid email")
    SPAM_COMPLAINT = "spam_complaint", _("Spam complaint")
    UNSUBSCRIBE = "unsubscribe", _("Unsubscribe")
    USER_SUPPRESSED = "user_suppressed", _("Suppressed by a user")
