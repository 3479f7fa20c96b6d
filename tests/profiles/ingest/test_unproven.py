"""Records that nobody vouches for: whatever they say, nobody who is known loses or gets a name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.ingest.parse import read_profile
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import IDENTIFIERS, Profile
from segmenter.accounts.models import Account
from tests.draws import draws
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db
STRONG = IDENTIFIERS[:-1]
VALUES = {
    "external_id": ["x1", "x2"],
    "email": ["a@b.se", "c@b.se"],
    "phone_number": ["+46701740605", "+46701740606"],
    "anonymous_id": ["d1", "d2"],
}
PEOPLE = st.lists(
    st.fixed_dictionaries({}, optional={n: st.sampled_from(v) for n, v in VALUES.items()}).filter(
        bool
    ),
    min_size=1,
    max_size=5,
)


def all_identifiers() -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in Profile.objects.values("id", *IDENTIFIERS)}


@given(people=PEOPLE, records=PEOPLE, as_events=st.booleans())
@settings(max_examples=draws(40, nightly=1_000), deadline=None)
def test_nobody_known_changes_and_every_address_is_somebodys(
    people: list[dict[str, str]], records: list[dict[str, str]], as_events: bool
) -> None:
    account = Account.objects.create(slug="drawn")
    try:
        ingest_profiles(account=account, records=people, at=AT)
        before = all_identifiers()
        for record in records:
            if as_events:
                event = {"metric": "Seen", "profile": record, "time": AT}
                result = ingest_events(account=account, records=[event], at=AT, unproven=True)
            else:
                result = ingest_profiles(account=account, records=[record], at=AT, unproven=True)
            assert not result.rejected
            (profile_id,) = result.profile_ids
            after = all_identifiers()
            for id_, identifiers in before.items():
                if any(identifiers[name] for name in STRONG):
                    assert after[id_] == identifiers
            # The record's first address, if it names one that nobody has, is not lost.
            assert profile_id in after
            if set(record) & {"email"} and "external_id" not in record:
                assert after[profile_id]["email"] == record["email"]
            before = after
    finally:
        Profile.objects.filter(account=account).delete()
        account.delete()


def test_a_device_alone_stays_with_whom_it_belongs_to(shop: Account) -> None:
    owner = {"email": "a@b.se", "anonymous_id": "d1"}
    ingest_profiles(account=shop, records=[owner], at=AT)
    record = {"anonymous_id": "d1", "properties": {"Color": "red"}}
    ingest_profiles(account=shop, records=[record], at=AT, unproven=True)
    assert Profile.objects.get().properties == {"Color": "red"}
    ingest_profiles(
        account=shop, records=[{"email": "b@b.se", "anonymous_id": "d1"}], at=AT, unproven=True
    )
    assert Profile.objects.get(email="a@b.se").anonymous_id == "d1"
    assert Profile.objects.get(email="b@b.se").anonymous_id is None


def test_a_proven_person_gets_what_they_lack_and_loses_nothing(shop: Account) -> None:
    ingest_profiles(account=shop, records=[{"email": "a@b.se"}], at=AT)
    ingest_profiles(account=shop, records=[{"phone_number": "+46701740606"}], at=AT)
    person = Profile.objects.get(email="a@b.se")
    for number, expected in (("+46701740606", None), ("+46701740605", "+46701740605")):
        record = {"id": person.pk, "email": "a@b.se", "phone_number": number}
        ingest_events(
            account=shop,
            records=[{"metric": "Seen", "profile": record, "time": AT, "unique_id": number}],
            at=AT,
            unproven=True,
        )
        person.refresh_from_db()
        assert person.phone_number == expected
    other = {"id": person.pk, "email": "c@b.se"}
    ingest_profiles(account=shop, records=[other], at=AT, unproven=True)
    person.refresh_from_db()
    assert person.email == "a@b.se"
    assert Profile.objects.filter(email="c@b.se").exists()


def test_where_somebody_came_from_is_stored_once(shop: Account) -> None:
    first = read_profile({"email": "a@b.se"})._replace(first={"Source": "x", "Medium": None})
    second = read_profile({"email": "a@b.se"})._replace(first={"Source": None, "Medium": "y"})
    third = read_profile({"email": "b@b.se"})._replace(first={"Source": None, "Medium": "y"})
    for record in (first, second, third):
        ingest_profiles(account=shop, records=[record], at=AT)
    properties = dict(Profile.objects.values_list("email", "properties"))
    assert properties == {"a@b.se": {"Source": "x"}, "b@b.se": {"Medium": "y"}}
