from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_set_up"),
    ]

    operations = [
        # Of who is here already nobody knows any more whether an owner made the password.
        migrations.AddField(
            model_name="user",
            name="password_by_another",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="user",
            name="password_by_another",
            field=models.BooleanField(default=False),
        ),
    ]
