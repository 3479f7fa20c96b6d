"""Audiences at ad networks: their files and whom they were given."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import segmenter.kernel.keys


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0004_set_up"),
        ("segments", "0007_drafts_by_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Audience",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("network", models.CharField(max_length=20)),
                ("includes_unasked", models.BooleanField(default=False)),
                ("created", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="segments.segment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AudienceFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(default=segmenter.kernel.keys.new_key, max_length=6)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("everyone", "Everyone"),
                            ("additions", "Additions"),
                            ("removals", "Removals"),
                        ],
                        max_length=10,
                    ),
                ),
                ("includes_unasked", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Being made"),
                            ("ready", "Ready"),
                            ("expired", "Expired"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("tries", models.SmallIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("rows", models.IntegerField(default=0)),
                ("matches", models.JSONField(default=dict)),
                ("left_out", models.JSONField(default=dict)),
                ("created", models.DateTimeField()),
                ("at", models.DateTimeField(null=True)),
                ("finished", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "audience",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="segments.audience",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AudienceFileLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "file",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.IntegerField()),
                ("profile_id", models.BigIntegerField(null=True)),
                ("line", models.TextField()),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="segments.audiencefile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AudienceMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("profile_id", models.BigIntegerField(null=True)),
                ("email_hash", models.BinaryField(null=True)),
                ("phone_hash", models.BinaryField(null=True)),
                ("is_partial", models.BooleanField(default=False)),
                ("since", models.DateTimeField()),
                (
                    "audience",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="segments.audience",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="audience",
            constraint=models.UniqueConstraint(
                fields=("segment", "network"), name="one_audience_per_network"
            ),
        ),
        migrations.AddIndex(
            model_name="audiencefile",
            index=models.Index(fields=["audience", "created"], name="audience_file_by_created"),
        ),
        migrations.AddIndex(
            model_name="audiencefile",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["id"],
                name="audience_file_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="audiencefile",
            constraint=models.UniqueConstraint(
                fields=("account", "key"), name="one_audience_file_per_key"
            ),
        ),
        migrations.AddIndex(
            model_name="audiencefileline",
            index=models.Index(
                condition=models.Q(("profile_id__isnull", False)),
                fields=["profile_id"],
                name="audience_line_by_profile",
            ),
        ),
        migrations.AddConstraint(
            model_name="audiencemember",
            constraint=models.UniqueConstraint(
                fields=("audience", "profile_id"), name="one_audience_member_per_person"
            ),
        ),
    ]
