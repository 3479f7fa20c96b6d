"""Segments of before count as used on the day of the upgrade: what was used is not known.

In a migration of its own: going back deletes rows, and a table with such changes cannot be altered.
"""

from django.db import migrations


def mark_as_used(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("UPDATE segments_segment SET used = statement_timestamp()")


def purge(apps, schema_editor):
    """Before this there are no deleted segments: going back, they are deleted for good."""
    gone = apps.get_model("segments", "Segment").objects.exclude(deleted=None)
    ids = list(gone.values_list("pk", flat=True))
    for name in ("Membership", "MembershipChange"):
        apps.get_model("segments", name).objects.filter(segment_id__in=ids).delete()
    gone.delete()


class Migration(migrations.Migration):
    dependencies = [("segments", "0016_care_of_segments")]

    operations = [migrations.RunPython(mark_as_used, purge)]
