"""`manage.py import_profiles FILE --account SLUG`: people from a file."""

from __future__ import annotations

from profiles.management.import_command import ImportCommand


class Command(ImportCommand):
    help = "Import people from CSV or JSON Lines. Importing the same file again changes nothing."
    kind = "profiles"
