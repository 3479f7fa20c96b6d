"""Rows about a person follow a merge and go with an erasure, in every table that has any."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from forms_targeting.models import ConsentProof, FormSubmission, OptIn
from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_profiles
from profiles.models import Consent, Profile
from segmenter.accounts.mail import OutgoingMail
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT
from tests.forms_targeting.visitor import Visitor, publish_form

pytestmark = pytest.mark.django_db
LEDGERS = {"profiles_profilechange", "segments_membershipchange"}
"""They keep the bare id, which names nobody any more."""


def tables_with(profile_id: int) -> set[str]:
    """The tables in which a row has this profile's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'profile_id'"
            " AND table_schema = current_schema()"
        )
        names = [name for (name,) in cursor.fetchall()]
        matches = set()
        for name in names:
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM {name} WHERE profile_id = %s)", [profile_id]
            )
            if cursor.fetchone()[0]:
                matches.add(name)
    return matches


@pytest.fixture
def person(account: Account) -> Profile:
    """Somebody with a row in every table of forms and mails."""
    confirmed = Visitor(account, publish_form(account))
    confirmed.submit({"mail": "anna@b.se"}, {"yes": True})
    Consent.objects.all().delete()
    waiting = Visitor(account, publish_form(account, name="Second", double_opt_in=True))
    waiting.submit({"mail": "anna@b.se"}, {"yes": True})
    person = Profile.objects.get()
    assert {
        model._meta.db_table for model in (ConsentProof, FormSubmission, OptIn, OutgoingMail)
    } <= (tables_with(person.pk))
    return person


def test_a_merge_moves_every_row(account: Account, person: Profile) -> None:
    ingest_profiles(account=account, records=[{"email": "other@b.se"}], at=AT)
    other = Profile.objects.get(email="other@b.se")
    Visitor(account, publish_form(account, name="Third")).submit(
        {"mail": "other@b.se"}, {"yes": True}
    )
    old_id = person.pk
    merge(account=account, keep_id=other.pk, drop_id=old_id, at=AT)
    assert tables_with(old_id) <= LEDGERS
    assert ConsentProof.objects.filter(profile_id=other.pk).count() == 2
    assert FormSubmission.objects.filter(profile_id=other.pk).count() == 3
    assert OptIn.objects.filter(profile_id=other.pk).count() == 1
    assert OutgoingMail.objects.filter(profile_id=other.pk).count() == 1


def test_an_erasure_leaves_counts_only(account: Account, person: Profile) -> None:
    old_id = person.pk
    erase(account=account, profile_id=old_id, at=AT)
    assert tables_with(old_id) <= LEDGERS
    assert FormSubmission.objects.filter(profile_id=None).count() == 2
    assert not ConsentProof.objects.exists()
    assert not OptIn.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_an_address_is_in_no_text_of_any_table_after_an_erasure(
    account: Account, person: Profile
) -> None:
    erase(account=account, profile_id=person.pk, at=AT)
    places = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE '%%anna@b.se%%'")
            if cursor.fetchone()[0]:
                places.append(table)
    assert places == []
