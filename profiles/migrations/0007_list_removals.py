import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A row for everyone who is removed from a list. Earlier removals are not known."""

    dependencies = [
        ('accounts', '0001_initial'),
        ('profiles', '0006_row_ids'),
    ]

    operations = [
        migrations.AddField(
            model_name='list',
            name='removals_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(
            'UPDATE profiles_list SET removals_since = now()', migrations.RunSQL.noop
        ),
        migrations.CreateModel(
            name='ListRemoval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile_id', models.BigIntegerField()),
                ('joined', models.DateTimeField()),
                ('removed', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.account')),
                ('list', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='profiles.list')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['list', 'removed'], name='list_removal_by_time'),
                    models.Index(fields=['account', 'profile_id'], name='list_removal_by_person'),
                ],
            },
        ),
    ]
