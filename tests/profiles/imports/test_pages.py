"""The pages of imports: upload, what becomes of the columns, progress, rejected rows, roles."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from profiles.imports import jobs
from profiles.models import Event, ImportChunk, ImportJob, ImportStatus, Metric, Profile
from segmenter.accounts.models import User
from segmenter.kernel.clock import now

pytestmark = pytest.mark.django_db

PEOPLE = "Email;First name;Points;Zip\na@x.se;Anna;1;01234\n=1+1@x;Bo;2;2\nb@x.se;<b>Cia</b>;3;3\n"
ORDERS = "customer,date,amount\n1,2026-01-01,5\n2,2026-01-02,6\n"


class Settings(Protocol):
    IMPORT_BODY_LIMIT: int


@pytest.fixture
def browser(sign_in: Callable[[User], Client], marketer: User) -> Client:
    return sign_in(marketer)


def upload(
    browser: Client, content: str | bytes, kind: str = "profiles", name: str = "people.csv"
) -> Any:
    data = content.encode() if isinstance(content, str) else content
    form = {"kind": kind, "file": SimpleUploadedFile(name, data)}
    return browser.post(reverse("imports:new"), form)


def uploaded(browser: Client, content: str | bytes, **more: str) -> ImportJob:
    answer = upload(browser, content, **more)
    assert answer.status_code == 302, answer.content.decode()
    job = ImportJob.objects.get()
    assert answer.url == reverse("imports:job", args=[job.pk])
    return job


def show(browser: Client, job: ImportJob, **query: str) -> str:
    answer = browser.get(reverse("imports:job", args=[job.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


StartJob = Callable[..., Any]


@pytest.fixture
def start(browser: Client, django_capture_on_commit_callbacks: Any) -> StartJob:
    """Answer the form as suggested, except for `answers`, and run the worker."""

    def started(job: ImportJob, **answers: str) -> Any:
        form = browser.get(reverse("imports:job", args=[job.pk])).context["form"]
        data = {"metric": form.metric, "zone": form.zone}
        for column in form.columns:
            data[f"target-{column.place}"] = column.target
            data[f"property-{column.place}"] = column.property
            data[f"type-{column.place}"] = column.kind
        data |= {name.replace("_", "-"): value for name, value in answers.items()}
        with django_capture_on_commit_callbacks(execute=True):
            return browser.post(reverse("imports:start", args=[job.pk]), data)

    return started


def test_people_from_the_file_to_the_last_page(browser: Client, start: StartJob) -> None:
    job = uploaded(browser, PEOPLE)
    assert job.bytes_total == len(PEOPLE)
    form = browser.get(reverse("imports:job", args=[job.pk])).context["form"]
    assert [(c.name, c.target, str(c.inferred), c.samples) for c in form.columns] == [
        ("Email", "email", "text", ["a@x.se", "=1+1@x", "b@x.se"]),
        ("First name", "first_name", "text", ["Anna", "Bo", "<b>Cia</b>"]),
        ("Points", "property", "number", ["1", "2", "3"]),
        ("Zip", "location.zip", "text", ["01234", "2", "3"]),
    ]
    page = show(browser, job)
    assert "&lt;b&gt;Cia&lt;/b&gt;" in page
    assert "<b>Cia" not in page
    answer = start(job, type_2="text", target_3="")
    assert answer.status_code == 302
    job.refresh_from_db()
    assert (job.status, job.accepted, job.rejected) == ("done", 3, 0)
    rows = Profile.objects.order_by("email").values_list("email", "properties", "zip")
    assert list(rows) == [
        ("=1+1@x", {"Points": "2"}, None),
        ("a@x.se", {"Points": "1"}, None),
        ("b@x.se", {"Points": "3"}, None),
    ]
    assert "people.csv" in browser.get(reverse("imports:list")).content.decode()


def test_orders_and_their_rejected_rows(browser: Client, start: StartJob) -> None:
    rows = ORDERS + "=cmd(),not a date,7\n3,2026-01-03,+8\n"
    job = uploaded(browser, rows, kind="events", name="orders.csv")
    assert start(job).status_code == 422
    assert "What happened?" in start(job).content.decode()
    start(job, metric="Placed Order")
    job.refresh_from_db()
    assert (job.status, job.accepted, job.rejected) == ("done", 3, 1)
    assert Event.objects.filter(metric=Metric.objects.get(name="Placed Order")).count() == 3
    page = show(browser, job)
    assert "not a time" in page
    answer: Any = browser.get(reverse("imports:rejected", args=[job.pk]))
    assert "orders.csv.rejected.csv" in answer.headers["Content-Disposition"]
    header, row = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert header == "line,reason,customer,date,amount"
    assert row.startswith("4,")
    assert row.endswith(",'=cmd(),not a date,7")


def test_the_page_counts_who_shares_an_identifier_with_somebody_else(
    browser: Client, start: StartJob
) -> None:
    rows = "Email,Phone\n" + "".join(f"{name}@home.example,+46701000031\n" for name in "abc")
    job = uploaded(browser, rows)
    start(job)
    job.refresh_from_db()
    assert (job.accepted, job.rejected) == (3, 0)
    message = "2 people share a phone number with somebody else, with whom it stays."
    assert message in show(browser, job)


def test_json_lines_need_no_columns(browser: Client, start: StartJob) -> None:
    job = uploaded(browser, '{"email": "a@x.se"}\n', name="people.jsonl")
    assert "a@x.se" in show(browser, job)
    start(job)
    assert list(Profile.objects.values_list("email", flat=True)) == ["a@x.se"]


def test_how_the_file_is_written_can_be_said(browser: Client, start: StartJob) -> None:
    job = uploaded(browser, "a@x.se|1\nb@x.se|2\n")
    assert "separated by bar, no header" in show(browser, job, delimiter="|", header="0")
    assert "separated by semicolon, the first row" in show(browser, job, delimiter=";")
    start(job, delimiter="|", header="0", target_0="email", target_1="property", property_1="N")
    job.refresh_from_db()
    assert job.status == "done"


POLISH = "Email;Imię;Miasto\na@x.se;Łucja;Łódź\nb@x.se;Żaneta;Gdańsk\n".encode("cp1250")


def test_a_guessed_encoding_is_told_and_another_can_be_chosen(
    browser: Client, start: StartJob
) -> None:
    job = uploaded(browser, POLISH)
    page = show(browser, job)
    assert "Windows-1250 is a guess" in page
    assert "<span>Łódź</span>" in page
    assert "<span>£ódŸ</span>" in page
    page = show(browser, job, encoding="cp1252")
    assert "Windows-1252, separated by semicolon" in page
    assert "is a guess" not in page
    start(job, encoding="cp1252")
    assert Profile.objects.filter(city="£ódŸ").exists()
    assert "Letters read as Windows-1252." in show(browser, job)
    job.refresh_from_db()
    assert job.settings["layout"]["encoding"] == "cp1252"


def test_an_import_by_a_guess_says_so_afterwards(browser: Client, start: StartJob) -> None:
    job = uploaded(browser, POLISH)
    start(job)
    assert Profile.objects.filter(city="Łódź").exists()
    assert "The letters were read as Windows-1250, which is a guess" in show(browser, job)


def test_utf_8_and_plain_letters_are_no_guess(browser: Client) -> None:
    assert "Character encoding" not in show(browser, uploaded(browser, PEOPLE))
    ImportJob.objects.all().delete()
    page = show(browser, uploaded(browser, "Email,Name\na@x.se,Åsa\n"))
    assert "Character encoding" in page
    assert "is a guess" not in page


def test_json_lines_have_a_choice_of_encoding_too(browser: Client, start: StartJob) -> None:
    text = '{"email": "a@x.se", "first_name": "Łucja"}\n{"email": "b@x.se", "first_name": "Żó"}\n'
    job = uploaded(browser, text.encode("cp1250"), name="people.jsonl")
    assert "Windows-1250 is a guess" in show(browser, job)
    start(job)
    assert Profile.objects.filter(first_name="Łucja").exists()


def test_orders_in_another_encoding_than_before_are_the_same_orders(
    browser: Client, start: StartJob
) -> None:
    rows = "Email;Date;Miasto\na@x.se;2026-11-01;Łódź\nb@x.se;2026-11-02;Gdańsk\n"
    for encoding in ("cp1252", "cp1250", ""):
        ImportJob.objects.all().delete()
        job = uploaded(browser, rows.encode("cp1250"), kind="events", name="orders.csv")
        start(job, encoding=encoding, metric="Placed Order", target_1="time")
        job.refresh_from_db()
        assert job.status == "done"
        assert Event.objects.count() == 2


@pytest.mark.parametrize("encoding", ["hex", "utf-7", "<script>", "idna"])
def test_a_made_up_encoding_changes_nothing(browser: Client, encoding: str) -> None:
    job = uploaded(browser, POLISH)
    page = show(browser, job, encoding=encoding)
    assert "Windows-1250 is a guess" in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"target_0": ""}, "who it is about"),
        ({"target_1": "email"}, "becomes the same"),
        ({"property_2": ""}, "needs a name"),
        ({"zone": "Mars"}, "no such time zone"),
        ({"time_format": "%H"}, "whole date"),
    ],
)
def test_wrong_answers_are_told_at_their_place(
    browser: Client, start: StartJob, answers: dict[str, str], message: str
) -> None:
    job = uploaded(browser, PEOPLE)
    answer = start(job, **answers)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    job.refresh_from_db()
    assert job.status == ImportStatus.MAPPING


def test_a_large_file_arrives_in_rows_and_whole(browser: Client) -> None:
    content = "email,Note\n" + "".join(f"{i}@x.se,{'x' * 5_000}\n" for i in range(500))
    job = uploaded(browser, content)
    chunks = ImportChunk.objects.filter(job=job, part="file").order_by("number")
    assert [len(chunk.content) for chunk in chunks][:-1] == [1 << 20, 1 << 20]
    assert jobs.JobSource(job).open().read() == content.encode()


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"", 422, "is empty"),
        (b"PK\x03\x04" + bytes(500), 422, "Excel workbook"),
        (bytes(range(256)) * 20, 422, "not a text file"),
        (gzip.compress(b"email\n" + b"a@x.se\n" * 50, mtime=0)[:-9], 422, "ends too early"),
        (gzip.compress(b"email\n" * 20_000, mtime=0), 422, "holds more than 9,000 bytes"),
        (b"email\n" + b"a@x.se\n" * 5_000, 413, "larger than"),
    ],
)
def test_what_cannot_be_imported_is_told_and_leaves_nothing(
    browser: Client, settings: Settings, content: bytes, status: int, message: str
) -> None:
    settings.IMPORT_BODY_LIMIT = 9_000
    answer = upload(browser, content)
    assert answer.status_code == status
    assert message in answer.content.decode()
    assert not ImportJob.objects.exists()
    assert not ImportChunk.objects.exists()


def test_a_form_without_a_file(browser: Client) -> None:
    answer = browser.post(reverse("imports:new"), {"kind": "profiles"})
    assert answer.status_code == 422
    assert "Choose a file" in answer.content.decode()


def test_a_foreign_form_leaves_nothing(marketer: User) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(marketer)
    assert upload(careful, PEOPLE).status_code == 403
    assert not ImportJob.objects.exists()


def test_a_running_import_asks_again_by_itself(browser: Client) -> None:
    job = uploaded(browser, PEOPLE)
    jobs.start(
        job,
        {"layout": {"encoding": "utf-8", "delimiter": ";", "columns": []}},
        user=None,
        at=now(),
    )
    url = reverse("imports:job", args=[job.pk])
    part = browser.get(url, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    answer = browser.post(reverse("imports:stop", args=[job.pk]))
    assert answer.status_code == 302
    page = show(browser, job)
    assert "Stopped by Marketer" in page
    assert "hx-trigger" not in page.partition('id="job"')[2].partition(">")[0]
    assert browser.post(reverse("imports:delete", args=[job.pk])).status_code == 302
    assert not ImportJob.objects.exists()


POSTS = ("start", "stop", "again", "delete")


def test_a_viewer_looks_and_changes_nothing(
    browser: Client, sign_in: Callable[[User], Client], viewer: User
) -> None:
    job = uploaded(browser, PEOPLE)
    looking = sign_in(viewer)
    assert looking.get(reverse("imports:list")).status_code == 200
    assert "Start the import" not in show(looking, job)
    assert looking.get(reverse("imports:new")).status_code == 403
    assert upload(looking, PEOPLE).status_code == 403
    for name in POSTS:
        assert looking.post(reverse(f"imports:{name}", args=[job.pk])).status_code == 403
    assert ImportJob.objects.get().status == ImportStatus.MAPPING


def test_a_stranger_finds_nothing(
    browser: Client, sign_in: Callable[[User], Client], stranger: User
) -> None:
    job = uploaded(browser, PEOPLE)
    strange = sign_in(stranger)
    assert "people.csv" not in strange.get(reverse("imports:list")).content.decode()
    for name in ("job", "rejected"):
        assert strange.get(reverse(f"imports:{name}", args=[job.pk])).status_code == 404
    for name in POSTS:
        assert strange.post(reverse(f"imports:{name}", args=[job.pk])).status_code == 404


def test_the_list_asks_the_database_little(
    browser: Client, marketer: User, django_assert_max_num_queries: Any
) -> None:
    account = marketer.seats.get().account
    for i in range(40):
        ImportJob.objects.create(
            account=account,
            user=marketer,
            file_name=f"{i}.csv",
            status=ImportStatus.DONE,
            created=now(),
        )
    with django_assert_max_num_queries(6):
        page = browser.get(reverse("imports:list")).content.decode()
    assert "39.csv" in page
    assert "9.csv</a>" in page.replace("39.csv", "")
