"""Which submission gave a person their first address."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("forms_targeting", "0001_forms")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="formsubmission",
            name="is_first_contact",
            field=models.BooleanField(default=False),
        ),
    ]
