"""Files of a segment at a store: when, under which name, how many, and after which faults."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from profiles.ingest.erase import erase
from profiles.ingest.store import ingest_profiles
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.destinations.file_contents import FileContents, check_contents
from segments.destinations.sync import bring_up_to_date
from segments.engine.remote_sync import LEASE
from segments.member_files.file_format import formats_by_rank
from segments.member_files.request import ExportRequest
from segments.models import (
    ConnectionState,
    Destination,
    DestinationFile,
    DestinationRun,
    Schedule,
    Segment,
)
from tests.fixtures.cast import AT
from tests.segments.destinations.file_shop import (
    Shelf,
    install,
    new_file_destination,
    take_away,
)
from tests.segments.destinations.receiver import Killed
from tests.segments.destinations.shop import leave, let_in, new_segment, run

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1, minutes=1), timedelta(days=1, minutes=1)
PEOPLE = [{"email": f"p{place}@example.com"} for place in range(3)]


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()
    install(shelf)
    yield shelf
    take_away()


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = new_segment(account)
    let_in(segment, *PEOPLE)
    return segment


def emails_in(content: bytes) -> list[str]:
    return [row["email"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]


def everyone_on(shelf: Shelf) -> set[str]:
    return {email for content in shelf.files.values() for email in emails_in(content)}


def work(destination: Destination, at: datetime) -> None:
    """Let workers have turns until nothing is due."""
    for _turn in range(5):
        if not bring_up_to_date(destination.pk, at):
            break
    destination.refresh_from_db()


def test_a_file_is_put_there_and_written_down(segment: Segment, shelf: Shelf) -> None:
    destination = run(new_file_destination(segment, name="{segment}"))
    assert emails_in(shelf.files["Buyers.csv"]) == [each["email"] for each in PEOPLE]
    file = DestinationFile.objects.get(destination=destination)
    assert (file.is_stored, file.rows, file.place) == (True, 3, "shelf:Buyers.csv")
    assert file.size == len(shelf.files["Buyers.csv"])
    log = DestinationRun.objects.get(destination=destination)
    assert (log.file_name, log.file_size, log.added) == ("Buyers.csv", file.size, 3)
    assert log.finished is not None


@pytest.mark.parametrize("kind", [name for name, _format in formats_by_rank()])
def test_every_format_can_be_put_there(segment: Segment, shelf: Shelf, kind: str) -> None:
    run(new_file_destination(segment, name="a", request=ExportRequest(("email",), format=kind)))
    assert list(shelf.files) == [f"a.{kind}"]
    assert shelf.files[f"a.{kind}"]


def test_only_who_can_be_reached_is_in_the_file_if_that_is_chosen(
    segment: Segment, shelf: Shelf
) -> None:
    consent = {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}}
    let_in(segment, {"email": "no@example.com", "subscriptions": consent})
    request = ExportRequest(("email",), reach="email")
    run(new_file_destination(segment, request=request))
    assert everyone_on(shelf) == {each["email"] for each in PEOPLE}


@pytest.mark.django_db(transaction=True)
def test_on_change_a_file_is_made_at_most_hourly_and_only_after_a_change(
    segment: Segment, shelf: Shelf
) -> None:
    destination = run(new_file_destination(segment))
    later = AT + timedelta(minutes=5)
    person = let_in(segment, {"email": "new@example.com"}, at=later)[0]
    counts = []
    for at in (later, AT + HOUR, AT + 2 * HOUR, AT + DAY):
        work(destination, at)
        counts.append(DestinationRun.objects.filter(destination=destination).count())
    assert counts == [1, 2, 2, 2]
    assert "new@example.com" in everyone_on(shelf)
    leave(segment, person, AT + DAY)
    work(destination, AT + DAY + HOUR)
    assert DestinationRun.objects.filter(destination=destination).count() == 3


@pytest.mark.django_db(transaction=True)
def test_on_change_a_members_new_data_are_a_change_and_a_strangers_are_not(
    segment: Segment, shelf: Shelf, account: Account
) -> None:
    request = ExportRequest(("email", "first_name"))
    destination = run(new_file_destination(segment, request=request))
    ingest_profiles(account=account, records=[{"email": "other@example.com"}], at=AT)
    work(destination, AT + HOUR)
    assert DestinationRun.objects.filter(destination=destination).count() == 1
    ingest_profiles(account=account, records=[PEOPLE[0] | {"first_name": "Anna"}], at=AT)
    work(destination, AT + 2 * HOUR + HOUR)
    assert DestinationRun.objects.filter(destination=destination).count() == 2
    assert any(b"Anna" in content for content in shelf.files.values())


def test_a_daily_file_is_made_at_its_hour_whether_anything_changed_or_not(
    segment: Segment, shelf: Shelf
) -> None:
    destination = run(new_file_destination(segment, schedule=Schedule.DAILY, hour=6))
    first = destination.compared
    local = destination.next_at.astimezone(segment.account.zone)
    assert (local.hour, local.minute) == (6, 0)
    work(destination, destination.next_at)
    assert destination.compared != first


def test_the_newest_files_are_left_there(segment: Segment, shelf: Shelf) -> None:
    names = []
    destination = new_file_destination(segment, keep=2, schedule=Schedule.DAILY, hour=6)
    for place in range(4):
        destination.contents = destination.contents | {"name": f"file {place}"}
        destination.compared_all = None
        destination.next_at = AT
        destination.save()
        run(destination)
        names.append(f"file {place}.csv")
    assert sorted(shelf.files) == names[2:]
    assert DestinationFile.objects.filter(destination=destination).count() == 2


def test_a_file_of_the_same_name_replaces_the_other(segment: Segment, shelf: Shelf) -> None:
    destination = run(new_file_destination(segment, name="same"))
    destination.compared_all, destination.next_at = None, AT
    destination.save()
    run(destination)
    assert list(shelf.files) == ["same.csv"]
    assert DestinationFile.objects.filter(destination=destination).count() == 1


@pytest.mark.parametrize("name", ["same", "{segment} {date} {time}"])
def test_an_erased_person_is_in_no_file_there(
    segment: Segment, shelf: Shelf, account: Account, name: str
) -> None:
    people = let_in(segment, {"email": "gone@example.com"})
    destination = run(new_file_destination(segment, name=name))
    assert "gone@example.com" in everyone_on(shelf)
    at = destination.next_at
    erase(account=account, profile_id=people[0].pk, at=AT)
    destination.refresh_from_db()
    assert destination.next_at < at
    work(destination, at)
    assert everyone_on(shelf) == {each["email"] for each in PEOPLE}
    assert DestinationFile.objects.get(destination=destination).is_stored


def test_files_without_the_erased_person_stay(
    segment: Segment, shelf: Shelf, account: Account
) -> None:
    destination = run(new_file_destination(segment, name="first"))
    people = let_in(segment, {"email": "gone@example.com"})
    destination.contents = destination.contents | {"name": "second"}
    destination.compared_all, destination.next_at = None, AT
    destination.save()
    run(destination)
    erase(account=account, profile_id=people[0].pk, at=AT)
    work(destination, AT + DAY)
    assert sorted(shelf.files) == ["first.csv", "second.csv"]
    assert "gone@example.com" not in everyone_on(shelf)


def test_a_person_who_is_erased_while_the_file_is_sent_is_taken_out_again(
    segment: Segment, shelf: Shelf, account: Account
) -> None:
    people = let_in(segment, {"email": "gone@example.com"})
    erasures = [lambda: erase(account=account, profile_id=people[0].pk, at=AT)]
    shelf.meanwhile = lambda: erasures and erasures.pop()()
    destination = new_file_destination(segment, name="same")
    for place in range(3):
        work(destination, AT + timedelta(minutes=place))
    assert everyone_on(shelf) == {each["email"] for each in PEOPLE}
    assert DestinationFile.objects.get(destination=destination).is_stored


def test_an_erased_person_of_another_account_changes_nothing(
    segment: Segment, shelf: Shelf, other_account: Account
) -> None:
    destination = run(new_file_destination(segment))
    outcome = ingest_profiles(account=other_account, records=[{"email": "p0@example.com"}], at=AT)
    assert outcome.profile_ids[0] is not None
    erase(account=other_account, profile_id=outcome.profile_ids[0], at=AT)
    assert not DestinationFile.objects.filter(is_leaving=True).exists()
    assert destination.next_at == Destination.objects.get(pk=destination.pk).next_at


@pytest.mark.parametrize("fault", ["before", "after", "killed before", "killed after"])
@pytest.mark.parametrize("name", ["same", "{date} {time}"])
def test_after_any_fault_there_is_one_newest_file_and_no_person_who_was_erased(
    segment: Segment, shelf: Shelf, account: Account, fault: str, name: str
) -> None:
    people = let_in(segment, {"email": "gone@example.com"})
    destination = new_file_destination(segment, name=name)
    shelf.faults = [fault]
    try:
        bring_up_to_date(destination.pk, AT)
    except Killed:
        assert fault.startswith("killed")
    erase(account=account, profile_id=people[0].pk, at=AT)
    work(destination, AT + LEASE + HOUR)
    assert everyone_on(shelf) == {each["email"] for each in PEOPLE}
    files = DestinationFile.objects.filter(destination=destination)
    assert {file.name for file in files} == set(shelf.files)
    assert all(file.is_stored for file in files)
    assert (destination.state, destination.failures) == (ConnectionState.ON, 0)


@pytest.mark.parametrize("fault", ["before", "after", "killed before", "killed after"])
def test_a_deletion_that_fails_is_tried_again(
    segment: Segment, shelf: Shelf, account: Account, fault: str
) -> None:
    people = let_in(segment, {"email": "gone@example.com"})
    destination = run(new_file_destination(segment))
    erase(account=account, profile_id=people[0].pk, at=AT)
    shelf.faults = [fault]
    try:
        bring_up_to_date(destination.pk, AT)
    except Killed:
        assert fault.startswith("killed")
    work(destination, AT + LEASE + HOUR)
    assert everyone_on(shelf) == {each["email"] for each in PEOPLE}


def test_a_column_that_is_no_more_needs_attention(segment: Segment, shelf: Shelf) -> None:
    destination = new_file_destination(segment, request=ExportRequest(("email", "list.Gone")))
    run(destination)
    assert destination.state == ConnectionState.BROKEN
    assert "list.Gone" in destination.error
    assert shelf.files == {}


def test_a_segment_that_is_being_built_is_waited_for(segment: Segment, shelf: Shelf) -> None:
    Segment.objects.filter(pk=segment.pk).update(as_of=None)
    destination = run(new_file_destination(segment))
    assert (destination.state, shelf.files) == (ConnectionState.ON, {})
    assert destination.error


def test_an_ending_destination_takes_its_files_with_it(segment: Segment, shelf: Shelf) -> None:
    destination = run(new_file_destination(segment))
    shelf.files["a stranger's.csv"] = b""
    Destination.objects.filter(pk=destination.pk).update(is_ending=True, next_at=AT)
    assert bring_up_to_date(destination.pk, AT)
    assert list(shelf.files) == ["a stranger's.csv"]
    assert not Destination.objects.filter(pk=destination.pk).exists()


def test_a_name_holds_date_and_time_of_the_accounts_zone(segment: Segment) -> None:
    segment.account.time_zone = "Asia/Tokyo"
    segment.name = "../Big: spenders?"
    contents = FileContents(ExportRequest(("email",)), "{segment} {date}T{time}")
    at = datetime(2026, 3, 1, 23, 5, tzinfo=UTC)
    assert contents.file_name(segment, at) == "Big spenders 2026-03-02T08-05.csv"


@pytest.mark.parametrize("name", ["", " ", "{day}", "{", "a}", "{segment", "{{date}}", "x" * 101])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        check_contents(FileContents(ExportRequest(("email",)), name))


@pytest.mark.parametrize("keep", [0, -1, 101])
def test_a_number_of_files_that_is_none_is_refused(keep: int) -> None:
    with pytest.raises(Invalid):
        check_contents(FileContents(ExportRequest(("email",)), "a", keep))
