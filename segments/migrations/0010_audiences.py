"""Audiences at ad networks: their files, whom they were given, and live connections."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import segmenter.kernel.keys


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0005_account_scope"),
        ("segments", "0008_exports"),
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
                ("is_live", models.BooleanField(default=False)),
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
            name="AudienceChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_removal", models.BooleanField()),
                ("member_id", models.BigIntegerField(null=True)),
                ("goes", models.BooleanField(default=False)),
                ("profile_id", models.BigIntegerField(null=True)),
                ("email_hash", models.BinaryField(null=True)),
                ("phone_hash", models.BinaryField(null=True)),
                ("document", models.JSONField(null=True)),
                ("is_tried", models.BooleanField(default=False)),
                (
                    "audience",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="segments.audience",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AudienceConnection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.JSONField(default=dict)),
                ("credentials", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("on", "On"), ("paused", "Paused"), ("broken", "Needs attention")],
                        default="on",
                        max_length=8,
                    ),
                ),
                ("error", models.TextField(blank=True)),
                ("failures", models.SmallIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("claim", models.UUIDField(null=True)),
                ("lease", models.DateTimeField(null=True)),
                ("compared", models.DateTimeField(null=True)),
                ("compared_all", models.DateTimeField(null=True)),
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
                    "audience",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="connection",
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
        migrations.CreateModel(
            name="AudienceSync",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_full", models.BooleanField(default=False)),
                ("started", models.DateTimeField()),
                ("finished", models.DateTimeField(null=True)),
                ("added", models.IntegerField(default=0)),
                ("removed", models.IntegerField(default=0)),
                ("invalid", models.IntegerField(default=0)),
                ("samples", models.JSONField(default=list)),
                ("open_requests", models.JSONField(default=list)),
                ("error", models.TextField(blank=True)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="syncs",
                        to="segments.audienceconnection",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="audience",
            constraint=models.UniqueConstraint(
                fields=("segment", "network", "is_live"), name="one_audience_per_network"
            ),
        ),
        migrations.AddIndex(
            model_name="audiencechange",
            index=models.Index(fields=["profile_id"], name="audience_change_by_profile"),
        ),
        migrations.AddIndex(
            model_name="audienceconnection",
            index=models.Index(
                condition=models.Q(("state", "on")),
                fields=["next_at"],
                name="audience_connection_due",
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
        migrations.AddIndex(
            model_name="audiencesync",
            index=models.Index(fields=["connection", "-started"], name="audience_sync_by_start"),
        ),
    ]
