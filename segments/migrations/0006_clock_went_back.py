from django.db import migrations, models


class Migration(migrations.Migration):
    """When an account's clock was last seen to have gone back, and by how much."""

    dependencies = [
        ('segments', '0005_by_person_in_blocks'),
    ]

    operations = [
        migrations.AddField(
            model_name='accountclock',
            name='went_back_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='accountclock',
            name='went_back_by',
            field=models.DurationField(null=True),
        ),
    ]
