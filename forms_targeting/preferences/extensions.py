"""What this room adds to the layers below: columns of files and a card on a person's page."""

from __future__ import annotations

from forms_targeting.preferences import link_columns, person_card

__all__ = ["link_columns", "person_card"]
