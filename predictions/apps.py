from __future__ import annotations

from django.apps import AppConfig

from profiles.registries.person_tables import PersonTable, person_tables


class PredictionsConfig(AppConfig):
    name = "predictions"

    def ready(self) -> None:
        """Register the columns, the card and the attribute of predictions with the layers below."""
        from predictions.pages import api_attributes, person_card  # noqa: F401, PLC0415
        from predictions.storage import columns  # noqa: F401, PLC0415

        person_tables.add("predictions", PersonTable("predictions_prediction"))
