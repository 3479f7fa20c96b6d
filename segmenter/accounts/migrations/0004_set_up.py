from django.db import migrations, models

import segmenter.kernel.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_invitation"),
    ]

    operations = [
        migrations.CreateModel(
            name="SetUp",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                (
                    "nonce",
                    models.CharField(default=segmenter.kernel.keys.new_secret, max_length=40),
                ),
            ],
        ),
    ]
