import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import segmenter.kernel.clock

ROLES = [("owner", "Owner"), ("marketer", "Marketer"), ("viewer", "Viewer")]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sign_in_failure"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("role", models.CharField(choices=ROLES, default="viewer", max_length=10)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created", models.DateTimeField(default=segmenter.kernel.clock.now)),
                ("expires", models.DateTimeField()),
                ("accepted", models.DateTimeField(null=True)),
                ("declined", models.DateTimeField(null=True)),
                ("withdrawn", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="accounts.account",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="invitations_made",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("accepted", None), ("declined", None), ("withdrawn", None)
                        ),
                        fields=("account", "email"),
                        name="one_unanswered_invitation",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
