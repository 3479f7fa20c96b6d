"""How consents and permissions were obtained: Klaviyo's identifiers, each with a label."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from segments.definition import words
from segments.definition.operators import Filter

LABELS = {
    "api": _("API"),
    "back_in_stock": _("back in stock"),
    "bigcommerce": _("BigCommerce"),
    "bulk_remove": _("bulk removal"),
    "campaign_monitor": _("Campaign Monitor"),
    "carrier_deactivation": _("deactivation by the carrier"),
    "checkout": _("checkout"),
    "constant_contact": _("Constant Contact"),
    "data_warehouse_import": _("data warehouse import"),
    "exact_target": _("ExactTarget"),
    "facebook": _("Facebook"),
    "failed_age_gate": _("failed age check"),
    "form": _("form"),
    "inbound_message": _("inbound message"),
    "integration": _("integration"),
    "mad_mimi": _("Mad Mimi"),
    "magento_two": _("Magento 2"),
    "mailbox_provider": _("mailbox provider"),
    "manual_add": _("manual addition"),
    "manual_import": _("manual import"),
    "manual_remove": _("manual removal"),
    "message_blocked": _("blocked message"),
    "netsuite": _("NetSuite"),
    "one_click_unsubscribe": _("one-click unsubscribe"),
    "preference_page": _("preference page"),
    "profile_modification": _("change of the profile"),
    "provided_landline": _("landline number given"),
    "provided_no_age": _("no age given"),
    "sftp": _("SFTP"),
    "shopify": _("Shopify"),
    "social_instagram_message": _("Instagram message"),
    "spam_complaint": _("spam complaint"),
    "square": _("Square"),
    "wix": _("Wix"),
    "woocommerce": _("WooCommerce"),
}


def options(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The named methods with their labels, as the options of a choice."""
    return tuple((name, LABELS[name]) for name in names)


def phrase(method: str, detail: Filter | None) -> str:
    """The test of a method in the active language: "is “form” (its detail is “Footer”)"."""
    text = gettext("is %(value)s") % {"value": words.quoted(gettext(LABELS[method]))}
    template = gettext("its detail %(test)s")
    return words.with_notes(text, [template % {"test": detail.phrase()}] if detail else [])
