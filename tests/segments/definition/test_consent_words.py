"""Conditions on consent know the words that rows know, and no others."""

from __future__ import annotations

from profiles.consent_words import WHATSAPP, Channel, ConsentStatus, Reach, SuppressionReason
from segments.definition import consent_grammar
from segments.definition.conditions import consent, permissions

ANY = {"any"}
EITHER = {"implicitly_or_explicitly_reachable", "implicitly_or_explicitly_unreachable"}


def test_every_channel_is_asked_about_by_one_kind() -> None:
    by_consent, by_permissions = dict(consent.CHANNELS), dict(permissions.CHANNELS)

    assert by_consent.keys() | by_permissions.keys() == set(Channel.values)
    assert by_permissions.keys() == set(WHATSAPP)
    assert not by_consent.keys() & by_permissions.keys()


def test_every_status_can_be_asked_for() -> None:
    assert dict(consent.SUBSCRIPTIONS).keys() == {*ConsentStatus.values} | ANY
    assert dict(permissions.STATUSES).keys() == set(Reach) | EITHER


def test_every_reason_of_suppression_has_words() -> None:
    assert consent.REASON_LABELS.keys() == set(SuppressionReason.values)


def test_the_grammar_speaks_of_known_channels_and_statuses() -> None:
    for channel, _receives, subscription in consent_grammar._DETAILS:
        assert channel in Channel.values
        assert subscription in {*ConsentStatus.values} | ANY
