"""Views counted in blocks of rows."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

DEVICES = [("phone", "Phone"), ("tablet", "Tablet"), ("desktop", "Computer")]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("forms_targeting", "0003_first_contact")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="FormViewCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("page", models.TextField()),
                ("device", models.CharField(choices=DEVICES, max_length=8)),
                ("number", models.BigIntegerField()),
                ("up_to", models.BigIntegerField()),
                (
                    "form",
                    models.ForeignKey(
                        to="forms_targeting.form",
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        to="forms_targeting.formversion",
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["form", "day"], name="form_view_count_by_day"),
                    models.Index(fields=["up_to"], name="form_view_count_by_block"),
                ],
            },
        ),
    ]
