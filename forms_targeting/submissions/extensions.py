"""Rows about people that merging moves and erasing deletes."""

from __future__ import annotations

from profiles.registries.person_tables import PersonTable, person_tables

person_tables.add("mails", PersonTable("accounts_outgoingmail", has_many=True))
person_tables.add("opt-ins", PersonTable("forms_targeting_optin", has_many=True))
person_tables.add("proofs of consent", PersonTable("forms_targeting_consentproof", has_many=True))
person_tables.add(
    "form submissions",
    PersonTable("forms_targeting_formsubmission", has_many=True, keeps_rows=True),
)
