"""A draft has a key of its own; a segment knows who saved it last."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEYS = "UPDATE segments_draft SET key = 'old' || id"
ONE_EACH = """
DELETE FROM segments_draft d
 WHERE closed IS NOT NULL
    OR EXISTS (SELECT FROM segments_draft o
                WHERE o.account_id = d.account_id AND o.user_id = d.user_id
                  AND o.segment_id IS NOT DISTINCT FROM d.segment_id
                  AND o.closed IS NULL AND (o.updated, o.id) > (d.updated, d.id))
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0002_sign_in_failure"),
        ("segments", "0006_clock_went_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddField(
            "segment",
            "editor",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("segment", "edited", models.DateTimeField(null=True)),
        migrations.AddField("draft", "revision", models.JSONField(null=True)),
        migrations.AddField("draft", "tags", models.JSONField(default=list)),
        migrations.AddField("draft", "closed", models.DateTimeField(null=True)),
        migrations.AddField(
            "draft", "key", models.CharField(default="", max_length=20), preserve_default=False
        ),
        migrations.RunSQL(KEYS, ONE_EACH),
        migrations.RemoveConstraint("draft", "one_draft_each"),
        migrations.AlterField(
            "draft",
            "segment",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="segments.segment",
            ),
        ),
        migrations.AddConstraint(
            "draft",
            models.UniqueConstraint(fields=("account", "user", "key"), name="one_draft_per_key"),
        ),
    ]
