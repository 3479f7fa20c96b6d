"""Deletion that can be undone, deactivation of segments that nobody uses, edits that are told."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("segments", "0014_destination_files"),
    ]

    operations = [
        migrations.AddField("segment", "used", models.DateTimeField(null=True)),
        migrations.AddField("segment", "warned", models.DateTimeField(null=True)),
        migrations.AddField("segment", "retired", models.DateTimeField(null=True)),
        migrations.AddField("segment", "deleted", models.DateTimeField(null=True)),
        migrations.AddField("build", "announces", models.BooleanField(default=False)),
        migrations.RemoveConstraint("segment", "one_segment_per_name"),
        migrations.AddConstraint(
            "segment",
            models.UniqueConstraint(
                condition=models.Q(("deleted", None)),
                fields=("account", "name"),
                name="one_segment_per_name",
            ),
        ),
        migrations.CreateModel(
            name="InactivityRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(default=45)),
                ("starred_days", models.PositiveSmallIntegerField(default=365)),
                ("is_on", models.BooleanField(default=True)),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
        ),
    ]
