"""Keys that could do everything can also read their account, which has a scope of its own now."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

EVERYTHING = [
    f"{noun}:{right}"
    for noun in ("profiles", "events", "segments", "lists", "metrics", "tags", "forms", "exports")
    for right in ("read", "write")
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0004_set_up")]

    operations: ClassVar = [
        migrations.RunSQL(
            [
                (
                    "UPDATE accounts_apikey SET scopes = scopes || ARRAY['accounts:read']::varchar[]"
                    " WHERE scopes @> %s::varchar[] AND NOT scopes @> ARRAY['accounts:read']::varchar[]",
                    [EVERYTHING],
                )
            ],
            ["UPDATE accounts_apikey SET scopes = array_remove(scopes, 'accounts:read'::varchar)"],
        )
    ]
