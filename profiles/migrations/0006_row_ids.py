from django.db import migrations, transaction

PEOPLE = 20_000

REWRITE = r"""
WITH rows AS (
    SELECT id, profile_id, metric_id, unique_id ~ '^[1-9][0-9]*:[0-9a-f]{12}$' AS is_old, unique_id
    FROM profiles_event
    WHERE account_id = %s AND profile_id >= %s AND profile_id < %s
    AND unique_id ~ '^([1-9][0-9]*:[0-9a-f]{12}|[0-9a-f]{12}:[1-9][0-9]{0,9})$'
), parts AS (
    SELECT *, CASE WHEN is_old THEN right(unique_id, 12) ELSE left(unique_id, 12) END AS digest,
        CASE WHEN NOT is_old THEN substr(unique_id, 14)::bigint END AS place
    FROM rows
), numbered AS (
    SELECT id, is_old, digest,
        row_number() OVER (PARTITION BY profile_id, metric_id, digest, is_old ORDER BY id)
        + coalesce(max(place) OVER (PARTITION BY profile_id, metric_id, digest), 0) AS place
    FROM parts
)
UPDATE profiles_event e SET unique_id = n.digest || ':' || n.place
FROM numbered n WHERE e.id = n.id AND n.is_old
"""


def rewrite(apps, schema_editor):
    """Rewrite `<row's number>:<hash>` to `<hash>:<how manieth>`, some people at a time."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute('SELECT id FROM accounts_account ORDER BY id')
        accounts = [account for (account,) in cursor.fetchall()]
    for account in accounts:
        first = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    'SELECT min(profile_id) FROM profiles_event'
                    ' WHERE account_id = %s AND profile_id >= %s',
                    [account, first],
                )
                [(first,)] = cursor.fetchall()
            if first is None:
                break
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(REWRITE, [account, first, first + PEOPLE])
            first += PEOPLE


class Migration(migrations.Migration):
    """Events of files are known by what their rows hold, no longer by where they stood.

    A row is counted among those of its person, metric and hash, oldest first (ADR 13); rows of the
    new form, from before a step back, keep their ids. Each step holds whole people and is committed
    by itself, so that what was interrupted goes on. Backwards nothing is done: to the code before,
    the new ids are ids like any other.
    """

    atomic = False

    dependencies = [
        ('profiles', '0005_undated_consent'),
    ]

    operations = [
        migrations.RunPython(rewrite, migrations.RunPython.noop, elidable=False),
    ]
