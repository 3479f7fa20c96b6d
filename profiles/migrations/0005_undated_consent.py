"""Consent without a date loses the date that was made up for it.

Until now only files could state consent, and a statement without a date was given the time of its
import: `status_date` is `recorded` to the microsecond. The people are marked as changed, so that
columns, memberships and mirrors follow.
"""

from django.db import migrations

FORGET_DATES = """
    WITH undated AS (
        UPDATE profiles_consent SET status_date = NULL WHERE status_date = recorded
        RETURNING account_id, profile_id, channel)
    INSERT INTO profiles_profilechange
        (account_id, profile_id, cause, facts, at, transaction)
    SELECT account_id, profile_id, 'consent', array_agg('consent:' || channel ORDER BY channel),
        now(), pg_current_xact_id()::text::bigint
    FROM undated GROUP BY account_id, profile_id
"""
DATE_AGAIN = "UPDATE profiles_consent SET status_date = recorded WHERE status_date IS NULL"


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0004_room_for_updates'),
    ]

    operations = [
        migrations.RunSQL(FORGET_DATES, DATE_AGAIN),
    ]
