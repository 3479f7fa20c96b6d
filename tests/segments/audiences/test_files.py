"""Files for networks: who is in them, and what the next ones add and remove."""

from __future__ import annotations

from datetime import timedelta

import pytest

from predictions.models import Prediction
from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_profiles
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, NotFound
from segments.audiences import files
from segments.audiences.counts import count_audience, count_removals
from segments.audiences.network import networks
from segments.models import (
    Audience,
    AudienceFile,
    AudienceFileLine,
    AudienceFileState,
    AudienceMember,
    Segment,
)
from tests.fixtures.cast import AT
from tests.segments.audiences.shop import (
    ADDITIONS,
    EVERYONE,
    REMOVALS,
    consents,
    enter,
    hashes,
    leave,
    let_in,
    make,
    new_segment,
    rows,
    sha,
    suppressed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account)


def say(person: Profile, **channels: str) -> None:
    """Let a person say yes or no, later than they did before."""
    record = {"external_id": person.external_id, "email": person.email, **consents(**channels)}
    for channel in record["subscriptions"].values():
        channel["marketing"]["consent_timestamp"] = "2026-02-20T10:00:00Z"
    record = {name: value for name, value in record.items() if value is not None}
    outcome = ingest_profiles(account=person.account, records=[record], at=AT)
    assert not outcome.rejected


def test_only_people_with_consent_are_in_and_the_others_are_counted(segment: Segment) -> None:
    let_in(
        segment,
        {"email": "yes@example.com"},
        {"email": "no@example.com", **consents(email="UNSUBSCRIBED")},
        {"email": "never@example.com", "subscriptions": {}},
        {"email": "bounced@example.com", **suppressed()},
        {"external_id": "X-1", "subscriptions": {}},
        {"phone_number": "+46701234567", **consents(sms="SUBSCRIBED")},
        {
            "email": "half@example.com",
            "phone_number": "+46701234568",
            **consents(email="SUBSCRIBED", sms="UNSUBSCRIBED"),
        },
    )
    file = make(segment, "meta")
    assert [(row["email"], row["phone"]) for row in rows(file)] == [
        (sha("yes@example.com"), ""),
        ("", sha("46701234567")),
        (sha("half@example.com"), ""),
    ]
    assert (file.rows, file.matches) == (3, {"email": 2, "phone": 1})
    assert file.left_out == {
        "no_consent": 1,
        "no_identifier": 1,
        "suppressed": 1,
        "unsubscribed": 1,
    }
    counts = count_audience(segment, networks["meta"], AT, includes_unasked=False)
    assert counts.total == file.rows
    assert {reason.value: n for reason, n in counts.left_out.items()} == file.left_out


def test_including_the_rest_never_includes_who_said_no_or_is_suppressed(segment: Segment) -> None:
    let_in(
        segment,
        {"email": "no@example.com", **consents(email="UNSUBSCRIBED")},
        {"email": "never@example.com", "subscriptions": {}},
        {"email": "bounced@example.com", **suppressed()},
        {"email": "sms@example.com", "phone_number": "+46701234567", **suppressed("sms")},
    )
    file = make(segment, "pinterest", unasked=True)
    assert [row["email"] for row in rows(file)] == [sha("never@example.com")]
    assert file.left_out == {"suppressed": 2, "unsubscribed": 1}


def test_a_consent_or_a_suppression_of_the_future_does_not_count_yet(segment: Segment) -> None:
    later = consents(email="SUBSCRIBED")
    later["subscriptions"]["email"]["marketing"]["consent_timestamp"] = "2026-03-05T10:00:00Z"
    let_in(
        segment,
        {"email": "later@example.com", **later},
        {"email": "bounces@example.com", **suppressed(at="2026-03-05T10:00:00Z")},
    )
    assert [row["email"] for row in rows(make(segment, "meta"))] == [sha("bounces@example.com")]


def test_what_is_known_of_a_person_is_in_the_file(segment: Segment) -> None:
    anna = let_in(
        segment,
        {
            "email": "anna@example.com",
            "first_name": "Anna",
            "location": {"city": "Malmö", "country": "Sverige", "zip": "211 20"},
            "properties": {"Date of Birth": "1997-02-16", "Gender": "Female", "Sex": 3},
        },
        {
            "email": "bo@example.com",
            "location": {"country": "Atlantis"},
            "properties": {"Date of Birth": "31.12.1999", "Gender": "yes"},
        },
        {"email": "old@example.com", "properties": {"birthday": "0001-01-01T00:00:00Z"}},
    )[0]
    Prediction.objects.create(account=segment.account, profile=anna, predicted_clv=-3, as_of=AT)
    first, second, third = rows(make(segment, "meta"))
    assert first["country"] == sha("se")
    assert first["dob"] == sha("19970216")
    assert first["gen"] == sha("f")
    assert first["value"] == "0.00"
    assert {second[name] for name in ("country", "dob", "gen", "value")} == {""}
    assert third["dob"] == ""


def test_additions_are_whom_the_network_was_not_given_yet(segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    make(segment, "google")
    let_in(segment, {"email": "bo@example.com"})
    assert hashes(make(segment, "google", ADDITIONS)) == {sha("bo@example.com")}
    assert make(segment, "google", ADDITIONS).rows == 0
    assert make(segment, "google", EVERYONE).rows == 2


def test_removals_are_who_left_withdrew_was_suppressed_or_erased(segment: Segment) -> None:
    people = let_in(
        segment, *({"email": f"{name}@example.com"} for name in ("a", "b", "c", "d", "e", "f"))
    )
    make(segment, "meta")
    leave(segment, people[0])
    say(people[1], email="UNSUBSCRIBED")
    ingest_profiles(
        account=segment.account, records=[{"email": "c@example.com", **suppressed()}], at=AT
    )
    erase(account=segment.account, profile_id=people[3].pk, at=AT)
    audience = Audience.objects.get(segment=segment)
    assert count_removals(audience, networks["meta"], AT) == 4
    file = make(segment, "meta", REMOVALS)
    assert hashes(file) == {sha(f"{name}@example.com") for name in "abcd"}
    assert AudienceMember.objects.filter(audience=audience).count() == 2
    assert count_removals(audience, networks["meta"], AT) == 0
    assert make(segment, "meta", REMOVALS).rows == 0


def test_an_erased_person_leaves_hashes_without_a_number_until_the_removal(
    segment: Segment,
) -> None:
    anna, bo = let_in(segment, {"email": "anna@example.com"}, {"email": "bo@example.com"})
    file = make(segment, "meta")
    erase(account=segment.account, profile_id=anna.pk, at=AT)
    assert hashes(file) == {sha("bo@example.com")}
    member = AudienceMember.objects.get(profile_id=None)
    assert bytes(member.email_hash or b"").hex() == sha("anna@example.com")
    removal = make(segment, "meta", REMOVALS)
    assert hashes(removal) == {sha("anna@example.com")}
    assert list(AudienceMember.objects.values_list("profile_id", flat=True)) == [bo.pk]
    erase(account=segment.account, profile_id=bo.pk, at=AT)
    assert hashes(removal) == {sha("anna@example.com")}


def test_whoever_was_merged_into_an_erased_person_is_not_in_a_file_any_more(
    segment: Segment,
) -> None:
    anna, double = let_in(
        segment,
        {"email": "anna@example.com"},
        {"phone_number": "+46701234567", **consents(sms="SUBSCRIBED")},
    )
    file = make(segment, "meta")
    merge(account=segment.account, keep_id=anna.pk, drop_id=double.pk, at=AT)
    erase(account=segment.account, profile_id=anna.pk, at=AT)
    assert rows(file) == []


def test_a_new_address_is_added_and_the_old_one_removed(segment: Segment) -> None:
    anna = let_in(
        segment,
        {
            "external_id": "A",
            "email": "old@example.com",
            "phone_number": "+46701234567",
            **consents(email="SUBSCRIBED", sms="SUBSCRIBED"),
        },
    )[0]
    make(segment, "meta")
    Profile.objects.filter(pk=anna.pk).update(email="new@example.com")
    assert hashes(make(segment, "meta", REMOVALS)) == {sha("old@example.com")}
    added = rows(make(segment, "meta", ADDITIONS))
    assert [(row["email"], row["phone"]) for row in added] == [
        (sha("new@example.com"), sha("46701234567"))
    ]
    assert make(segment, "meta", ADDITIONS).rows == 0
    leave(segment, anna)
    assert hashes(make(segment, "meta", REMOVALS)) == {sha("new@example.com"), sha("46701234567")}


def test_additions_before_removals_do_not_lose_the_old_address(segment: Segment) -> None:
    anna = let_in(segment, {"email": "old@example.com"})[0]
    make(segment, "meta")
    Profile.objects.filter(pk=anna.pk).update(email="new@example.com")
    assert hashes(make(segment, "meta", ADDITIONS)) == {sha("new@example.com")}
    assert hashes(make(segment, "meta", REMOVALS)) == {sha("old@example.com")}
    # The removal may have taken the person out, whose other address was there by then.
    assert hashes(make(segment, "meta", ADDITIONS)) == {sha("new@example.com")}
    assert make(segment, "meta", ADDITIONS).rows == 0


def test_a_file_of_everyone_before_removals_brings_back_who_said_no_on_one_channel(
    segment: Segment,
) -> None:
    anna = let_in(
        segment,
        {
            "email": "anna@example.com",
            "phone_number": "+46701234567",
            **consents(email="SUBSCRIBED", sms="SUBSCRIBED"),
        },
    )[0]
    make(segment, "tiktok")
    say(anna, email="UNSUBSCRIBED")
    assert hashes(make(segment, "tiktok")) == {sha("+46701234567")}
    assert hashes(make(segment, "tiktok", REMOVALS)) == {sha("anna@example.com")}
    assert hashes(make(segment, "tiktok", ADDITIONS)) == {sha("+46701234567")}
    assert make(segment, "tiktok", ADDITIONS).rows == 0


def test_whoever_says_no_on_one_channel_is_added_again_by_the_other(segment: Segment) -> None:
    anna = let_in(
        segment,
        {
            "email": "anna@example.com",
            "phone_number": "+46701234567",
            **consents(email="SUBSCRIBED", sms="SUBSCRIBED"),
        },
    )[0]
    make(segment, "tiktok")
    say(anna, email="UNSUBSCRIBED")
    assert hashes(make(segment, "tiktok", REMOVALS)) == {sha("anna@example.com")}
    assert hashes(make(segment, "tiktok", ADDITIONS)) == {sha("+46701234567")}


def test_a_hash_by_which_somebody_else_stays_is_not_removed(segment: Segment) -> None:
    double, _anna = let_in(
        segment, {"email": "anna.lind@gmail.com"}, {"email": "annalind@gmail.com"}
    )
    make(segment, "google")
    make(segment, "meta")
    leave(segment, double)
    assert rows(make(segment, "google", REMOVALS)) == []
    assert hashes(make(segment, "meta", REMOVALS)) == {sha("anna.lind@gmail.com")}


def test_two_who_share_a_hash_and_both_leave_are_removed(segment: Segment) -> None:
    people = let_in(segment, {"email": "anna.lind@gmail.com"}, {"email": "annalind@gmail.com"})
    make(segment, "google")
    leave(segment, *people)
    assert hashes(make(segment, "google", REMOVALS)) == {sha("annalind@gmail.com")}


def test_removals_go_by_the_choice_of_the_last_additions(segment: Segment) -> None:
    let_in(segment, {"email": "never@example.com", "subscriptions": {}})
    make(segment, "meta", unasked=True)
    assert make(segment, "meta", REMOVALS).rows == 0
    assert make(segment, "meta").rows == 0
    assert hashes(make(segment, "meta", REMOVALS)) == {sha("never@example.com")}


def test_networks_and_segments_do_not_know_of_each_other(account: Account) -> None:
    first, second = new_segment(account), new_segment(account, "Others")
    people = let_in(first, {"email": "anna@example.com"})
    enter(second, people)
    make(first, "meta")
    make(second, "meta")
    make(first, "google")
    leave(first, *people)
    assert make(first, "meta", REMOVALS).rows == 1
    assert make(second, "meta", REMOVALS).rows == 0
    assert make(first, "google", ADDITIONS).rows == 0


def test_an_account_sees_nothing_of_another(account: Account, other_account: Account) -> None:
    mine, theirs = new_segment(account), new_segment(other_account)
    let_in(mine, {"email": "anna@example.com"})
    let_in(theirs, {"email": "anna@example.com"})
    file = make(mine, "meta")
    person = Profile.objects.get(account=other_account)
    erase(account=other_account, profile_id=person.pk, at=AT)
    assert file.rows == len(rows(file)) == 1
    with pytest.raises(NotFound):
        files.get_file(other_account, file.key)


def test_additions_need_a_file_of_everyone_first(segment: Segment) -> None:
    with pytest.raises(Conflict, match="no file of everyone yet"):
        make(segment, "meta", ADDITIONS)


def test_a_segment_that_was_never_built_has_no_file(segment: Segment) -> None:
    segment.as_of = None
    with pytest.raises(Conflict, match="being built"):
        make(segment, "meta")


def test_an_unknown_network_is_not_found(segment: Segment) -> None:
    with pytest.raises(NotFound):
        make(segment, "myspace")


def test_an_empty_segment_gives_a_header(segment: Segment) -> None:
    file = make(segment, "pinterest")
    assert b"".join(files.read_lines(file)) == b"email\r\n"
    assert file.rows == 0


def test_a_file_goes_after_two_days_and_its_history_stays(segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    file = make(segment, "meta")
    assert files.expire_files(AT + timedelta(days=1)) == 0
    assert files.expire_files(AT + timedelta(days=2)) == 1
    file.refresh_from_db()
    assert (file.state, file.rows) == (AudienceFileState.EXPIRED, 1)
    assert AudienceFileLine.objects.count() == 0
    assert AudienceMember.objects.count() == 1


def test_a_file_that_fails_is_given_up_and_changes_nothing(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(segment, {"email": "anna@example.com"})

    def broken(_file: AudienceFile) -> int:
        raise RuntimeError("disk full")

    monkeypatch.setattr(files, "_take_out_erased", broken)
    file = files.request_file(
        segment=segment, network="meta", kind=EVERYONE, includes_unasked=False, user=None, at=AT
    )
    for attempt in range(1, files.MOST_TRIES + 1):
        assert not files.make_file(file.pk, AT)
        file.refresh_from_db()
        assert file.tries == attempt
    assert file.state == AudienceFileState.FAILED
    assert AudienceMember.objects.count() == AudienceFileLine.objects.count() == 0
    assert files.waiting_files() == []


def test_a_deleted_segment_takes_its_audiences_with_it(segment: Segment) -> None:
    let_in(segment, {"email": "anna@example.com"})
    make(segment, "meta")
    segment.delete()
    assert AudienceMember.objects.count() == AudienceFileLine.objects.count() == 0
