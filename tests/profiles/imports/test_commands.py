"""The import commands at a terminal."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from profiles.models import Consent as ConsentRow
from profiles.models import Event, ListMember, Metric, Profile
from segmenter.accounts.models import Account
from tests.profiles.imports.command_runs import Runs, folder, people, run

__all__ = ["folder", "run"]

pytestmark = pytest.mark.django_db

LOG = (
    " 00001 19970101  1   11.77\r\n 00002 19970112  1   12.00\r\n 00002 19970112  5   77.00\r\n"
    " 00003 19970102  2    0.00\r\n 00003 19970102  2    0.00\r\n"
)
LOG_OPTIONS = (
    *("--account", "shop", "--metric", "Placed Order", "--no-header"),
    *("--columns", "customer,date,quantity,amount", "--map", "external_id=customer"),
    *("--map", "time=date", "--map", "value=amount", "--map", "properties.Quantity=quantity"),
    *("--time-format", "%Y%m%d", "--time-zone", "UTC"),
)


def test_a_purchase_log_without_a_header(run: Runs) -> None:
    ran = run("import_events", LOG, *LOG_OPTIONS)
    assert ran.counts == (5, 5, 0, 0)
    assert ran.closing["rejects_file"] is None
    assert ran.closing["rows_per_second"] > 0
    assert "separated by whitespace, no header" in ran.err
    assert "quantity -> properties.Quantity (number)" in ran.err
    account = Account.objects.get(slug="shop")
    assert account.time_zone == "UTC"
    events = Event.objects.filter(account=account).order_by("time", "value")
    assert [(e.profile.external_id, e.value, e.properties) for e in events] == [
        ("00001", 11.77, {"Quantity": 1}),
        ("00003", 0.0, {"Quantity": 2}),
        ("00003", 0.0, {"Quantity": 2}),
        ("00002", 12.0, {"Quantity": 1}),
        ("00002", 77.0, {"Quantity": 5}),
    ]
    assert events[0].time == datetime(1997, 1, 1, tzinfo=UTC)


def test_a_rerun_changes_nothing_and_an_appended_file_adds_only_the_new(run: Runs) -> None:
    run("import_events", LOG, *LOG_OPTIONS)
    before = list(Event.objects.order_by("pk").values())
    assert run("import_events", LOG, *LOG_OPTIONS).counts == (5, 0, 5, 0)
    assert list(Event.objects.order_by("pk").values()) == before
    longer = LOG + " 00001 19970301  1   11.77\r\n"
    assert run("import_events", longer, *LOG_OPTIONS).counts == (6, 1, 5, 0)


def test_a_column_may_be_the_unique_id(run: Runs) -> None:
    text = "order,who,when,total\nA,1,1997-01-01,5\nA,1,1997-01-02,6\nB,1,1997-01-03,7\n"
    options = (
        *("--account", "shop", "--metric", "Placed Order", "--unique-id", "order"),
        *("-m", "external_id=who", "-m", "time=when", "-m", "value=total"),
    )
    assert run("import_events", text, *options).counts == (3, 2, 1, 0)
    assert set(Event.objects.values_list("unique_id", flat=True)) == {"A", "B"}


def test_people_with_a_mapping(run: Runs) -> None:
    text = (
        "Email;history_segment;spend;newsletter;phone;lat;since\r\n"
        'anna@x.se;"7) $1,000 +";0;subscribed;+46701234567;59.3;2020-01-01\r\n'
        "BO@x.se;1) $0 - $100;12.5;unsubscribed;;;\r\n"
    )
    ran = run(
        *("import_profiles", text, "--account", "shop", "--map", "email=Email"),
        *("--map", "properties.Segment=history_segment", "--map", "properties.Spend=spend"),
        *("--map", "consent.email=newsletter", "--map", "phone_number=phone"),
        *("--map", "location.latitude=lat", "--map", "created=since", "--map", "list=newsletter"),
    )
    assert ran.counts == (2, 2, 0, 0)
    assert people("email", "phone_number", "latitude", "properties") == [
        ("anna@x.se", "+46701234567", 59.3, {"Segment": "7) $1,000 +", "Spend": 0}),
        ("bo@x.se", None, None, {"Segment": "1) $0 - $100", "Spend": 12.5}),
    ]
    assert Profile.objects.get(email="anna@x.se").created == datetime(2020, 1, 1, tzinfo=UTC)
    consents = ConsentRow.objects.order_by("profile_id").values_list("channel", "status", "method")
    assert list(consents) == [
        ("email", "subscribed", "manual_import"),
        ("email", "unsubscribed", "manual_import"),
    ]
    assert set(ListMember.objects.values_list("list__name", flat=True)) == {
        *("subscribed", "unsubscribed")
    }


def test_people_without_a_mapping(run: Runs) -> None:
    text = "E-mail,First Name,City,Colour,Zip,Member\na@x.se,Anna,Falun,blue,01234,true\n"
    ran = run("import_profiles", text, "--account", "shop")
    assert "Colour -> properties.Colour (text)" in ran.err
    assert "Member -> properties.Member (boolean)" in ran.err
    assert people("email", "first_name", "city", "zip", "properties") == [
        ("a@x.se", "Anna", "Falun", "01234", {"Colour": "blue", "Member": True})
    ]


def test_an_empty_cell_clears_nothing_and_a_rerun_says_nothing_new(run: Runs) -> None:
    text = "email,first_name,Colour\na@x.se,Anna,blue\n"
    run("import_profiles", text, "--account", "shop")
    assert run("import_profiles", text, "--account", "shop").counts == (1, 0, 1, 0)
    ran = run("import_profiles", "email,first_name,Colour\na@x.se,,\n", "--account", "shop")
    assert ran.counts == (1, 0, 1, 0)
    assert people("first_name", "properties") == [("Anna", {"Colour": "blue"})]


def test_types_hold_for_the_whole_column(run: Runs) -> None:
    rows = "".join(f"{i}@x.se,{i},{i:03}\n" for i in range(10_000))
    ran = run("import_profiles", f"email,Points,Code\n{rows}z@x.se,many,7\n", "--account", "shop")
    assert ran.counts == (10_001, 10_001, 0, 0)
    assert "Warning: 1 cells of 'Points' do not fit its type" in ran.err
    assert Profile.objects.get(email="12@x.se").properties == {"Points": 12, "Code": "012"}
    assert Profile.objects.get(email="z@x.se").properties == {"Points": "many", "Code": "7"}


def test_bad_rows_are_set_aside_with_line_and_reason(run: Runs, folder: Path) -> None:
    text = (
        "who,when,what,note\n"
        "1,1997-01-01,5,fine\n"
        "1,1600-01-01,5,too early\n"
        ",1997-01-01,5,nobody\n"
        "1,1997-01-01,five,no number\n"
        "1,yesterday,5,no date\n"
        "1,1997-01-01,5,=cmd,too many\n"
        '1,1997-01-02,5,"two\nlines"\n'
        "1,1997-01-01,5,nul\0\n"
        "1,2100-01-01,5,too late\n"
        '1,1997-01-03,5,"open\n'
        "1,1997-01-03,5,fine\n"
    )
    ran = run(
        *("import_events", text, "--account", "shop", "--metric", "M", "--map", "external_id=who"),
        *("--map", "time=when", "--map", "value=what", "--map", "properties.Note=note"),
        name="orders.csv",
    )
    assert ran.counts == (11, 3, 0, 8)
    path = folder / "orders.csv.rejected.csv"
    assert ran.closing["rejects_file"] == str(path)
    header, *rows = path.read_bytes().decode("utf-8-sig").split("\r\n")[:-1]
    assert header == "line,reason,who,when,what,note"
    assert [row.split(",")[0] for row in rows] == ["3", "4", "5", "6", "7", "10", "11", "12"]
    for row, reason in zip(
        rows,
        [
            *("between 1900", "No person: 'who' is empty", "'five' is not a number"),
            *("'yesterday' is not a time", "5 cells, the header 4", "cannot be kept"),
            *("between 1900", "never closed"),
        ],
        strict=True,
    ):
        assert reason in row
    assert rows[0].endswith(",1,1600-01-01,5,too early")


def test_a_cell_of_ten_megabytes_is_refused_alone(run: Runs) -> None:
    text = f"email,Note\na@x.se,{'x' * 10_000_000}\nb@x.se,short\n"
    assert run("import_profiles", text, "--account", "shop").counts == (2, 1, 0, 1)
    assert people("email") == [("b@x.se",)]


def test_a_header_alone_is_no_mistake(run: Runs) -> None:
    assert run("import_profiles", "email,Note\n", "--account", "shop").counts == (0, 0, 0, 0)


def test_letters_that_cannot_be_read_cost_their_row(run: Runs) -> None:
    good = "".join(f"{i}@x.se,Åsa\n" for i in range(20)).encode()
    ran = run("import_profiles", b"email,Note\n" + good + b"z@x.se,\xff\n", "--account", "shop")
    assert ran.counts == (21, 20, 0, 1)
    assert "\\udcff" in Path("file.csv.rejected.csv").read_text()

    assert (
        "'Note': The byte 0xFF is no letter in UTF-8." in Path("file.csv.rejected.csv").read_text()
    )


def test_polish_letters_are_polish_and_the_guess_is_told(run: Runs) -> None:
    text = "E-mail;Imię;Miasto\r\nl@x.se;Łucja;Łódź\r\nz@x.se;Żaneta;Gdańsk\r\n"
    ran = run("import_profiles", text.encode("cp1250"), "--account", "shop")
    assert people("email", "city") == [("l@x.se", "Łódź"), ("z@x.se", "Gdańsk")]
    assert "Warning: Windows-1250 is a guess from its letters; --encoding says" in ran.err
    assert ran.closing["encoding"] == "Windows-1250"
    assert ran.closing["encoding_is_a_guess"] is True
    stated = run("import_profiles", text.encode("cp1250"), "--account", "a", "--encoding", "cp1252")
    assert "guess" not in stated.err
    assert stated.closing["encoding_is_a_guess"] is False
    assert Profile.objects.filter(account__slug="a", city="£ódŸ").exists()


def test_bytes_that_the_encoding_does_not_know_cost_their_row(run: Runs) -> None:
    text = "email,Note,Unused\na@x.se,Łódź,\nb@x.se,".encode("cp1250") + b"\x81,\nc@x.se,x,\x81\n"
    options = ("--map", "email=email", "--map", "properties.Note=Note")
    ran = run("import_profiles", text, "--account", "shop", *options)
    assert ran.counts == (3, 2, 0, 1)
    rejected = Path("file.csv.rejected.csv").read_text(encoding="utf-8-sig")
    assert "3,'Note': The byte 0x81 is no letter in Windows-1250.,b@x.se" in rejected
    lines = b'{"email": "a@x.se"}\n{"email": "b@x.se", "first_name": "\x81"}\n'
    options = ("--account", "shop", "--encoding", "cp1250")
    ran = run("import_profiles", lines, *options, name="people.jsonl")
    assert ran.counts == (2, 0, 1, 1)
    assert "0x81 is no letter in Windows-1250" in Path("people.jsonl.rejected.jsonl").read_text()


def test_two_people_never_share_an_identifier(run: Runs) -> None:
    text = "email,external_id\na@x.se,1\nb@x.se,2\na@x.se,3\nc@x.se,4\n"
    ran = run("import_profiles", text, "--account", "shop")
    assert ran.counts == (4, 4, 0, 0)
    assert "1 person shares an e-mail address with somebody else, with whom it stays." in ran.err
    rows = Profile.objects.order_by("pk").values_list("external_id", "email")
    assert list(rows) == [("1", "a@x.se"), ("2", "b@x.se"), ("3", None), ("4", "c@x.se")]


def test_one_phone_number_at_the_checkout_is_two_people(run: Runs) -> None:
    text = "Email,Phone,Order date,Total\n" + "".join(
        f"{name}@home.example,+46701000032,2026-10-0{day},{day}00\n"
        for day, name in enumerate(("anna", "bert", "bert"), 1)
    )
    ran = run("import_events", text, "--account", "shop", "--metric", "Placed Order")
    assert ran.closing["contested"] == {"phone_number": 2}
    assert "2 rows name a phone number of somebody else, with whom it stays." in ran.err
    assert Event.objects.filter(profile__email="bert@home.example").count() == 2
    assert people("email", "phone_number") == [
        ("anna@home.example", "+46701000032"),
        ("bert@home.example", None),
    ]


def test_guests_with_customer_number_0_are_different_people(run: Runs) -> None:
    text = "customer,email,date,total\n" + "".join(
        f"0,{name}@x.se,2026-10-01,5\n" for name in ("fia", "gus")
    )
    maps = [f"--map={target}" for target in ("external_id=customer", "email=email", "time=date")]
    ran = run("import_events", text, "--account", "shop", "--metric", "Placed Order", *maps)
    assert ran.counts == (2, 2, 0, 0)
    assert people("email", "external_id") == [("fia@x.se", None), ("gus@x.se", None)]


def test_an_older_file_subscribes_nobody_again(run: Runs) -> None:
    maps = ("--map=email=Email", "--map=consent.email=Newsletter")
    for word in ("unsubscribed", "subscribed"):
        run("import_profiles", f"Email,Newsletter\nola@x.se,{word}\n", "--account", "shop", *maps)
    assert ConsentRow.objects.values_list("status", "status_date").get() == ("unsubscribed", None)


def test_json_lines_of_people(run: Runs, folder: Path) -> None:
    records = [
        {
            "email": "a@x.se",
            "location": {"city": "Falun"},
            "properties": {"Tags": ["x", "y"]},
            "subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED"}}},
            "lists": [{"name": "Newsletter", "joined": "2020-01-01T00:00:00Z"}],
        },
        {"first_name": "Nobody"},
        {"email": "no address"},
    ]
    text = "\n".join(map(json.dumps, records)) + "\n{broken\n"
    ran = run("import_profiles", text, "--account", "shop", name="people.jsonl")
    assert ran.counts == (4, 1, 0, 3)
    assert people("email", "city", "properties") == [("a@x.se", "Falun", {"Tags": ["x", "y"]})]
    assert ListMember.objects.get().joined == datetime(2020, 1, 1, tzinfo=UTC)
    rejects = (folder / "people.jsonl.rejected.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in rejects] == [2, 3, 4]
    assert json.loads(rejects[0])["row"] == {"first_name": "Nobody"}
    assert json.loads(rejects[2])["row"] == "{broken"
    again = run("import_profiles", text, "--account", "shop", name="people.jsonl")
    assert again.counts == (4, 0, 1, 3)


def test_json_lines_of_events(run: Runs) -> None:
    event = {"metric": "Viewed", "time": "2020-01-01", "profile": {"email": "a@x.se"}}
    own = {**event, "unique_id": "own", "value": 5, "properties": {"a": {"b": [1]}}}
    silent = {**event, "metric": None}
    text = "\n".join(map(json.dumps, [event, event, own, silent]))
    archive = gzip.compress(text.encode())
    options = ("--account", "shop", "--metric", "Other", "--time-zone", "Europe/Stockholm")
    ran = run("import_events", archive, *options, name="events.ndjson.gz")
    assert ran.counts == (4, 4, 0, 0)
    assert {e.time for e in Event.objects.all()} == {datetime(2019, 12, 31, 23, tzinfo=UTC)}
    assert sorted(Metric.objects.values_list("name", flat=True)) == ["Other", "Viewed"]
    assert Event.objects.get(unique_id="own").properties == {"a": {"b": [1]}}
    assert run("import_events", archive, *options, name="events.ndjson.gz").counts == (4, 0, 4, 0)


def test_a_metric_may_stand_in_a_column(run: Runs) -> None:
    text = "metric,email,time\nViewed,a@x.se,2020-01-01\nBought,a@x.se,2020-01-02\n"
    options = ("--map", "metric=metric", "--map", "email=email", "--map", "time=time")
    assert run("import_events", text, "--account", "shop", *options).counts == (2, 2, 0, 0)
    assert sorted(Metric.objects.values_list("name", flat=True)) == ["Bought", "Viewed"]


def test_times_without_a_zone_are_in_the_account_s(run: Runs) -> None:
    call_command("create_account", "shop", "--name", "Shop", "--time-zone", "Europe/Stockholm")
    assert Account.objects.get(slug="shop").name == "Shop"
    text = "email,time\na@x.se,2020-07-01 12:00\n"
    run("import_events", text, "--account", "shop", "--metric", "M")
    assert Event.objects.get().time == datetime(2020, 7, 1, 10, tzinfo=UTC)
