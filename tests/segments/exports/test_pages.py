"""The pages of exports: what is offered and asked for, who may, the file as it is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation
from django.utils.text import capfirst

from segmenter.accounts.models import Account, User, create_account
from segmenter.accounts.status import status_of
from segmenter.kernel.clock import now
from segments.definition.words import property_label
from segments.exports.jobs import run_export, start
from segments.exports.stored_files import pieces_of
from segments.member_files.regional import usual_signs
from segments.member_files.request import CLV_COLUMNS, USUAL_COLUMNS, ExportRequest
from segments.models import ColumnSet, Export, ExportStatus, Segment
from tests.fixtures.cast import Response, SignIn
from tests.page_source import source
from tests.segments.member_files.shop import PEOPLE, add_segment, let_in

pytestmark = pytest.mark.django_db

FORM = {
    "column": ["email", "Points"],
    "format": "csv",
    "language": "sv",
    "delimiter": ";",
    "decimal": ",",
    "bom": "1",
    "reach": "everyone",
    "start": "",
}


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = add_segment(account, "Läsare")
    let_in(segment, PEOPLE)
    return segment


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


@pytest.fixture
def export(segment: Segment, marketer: User) -> Export:
    """A file that is ready."""
    export = start(segment, ExportRequest(("email", "Points")), user=marketer, at=now())
    run_export(export.pk, now)
    export.refresh_from_db()
    return export


def path(segment: Segment, rest: str = "") -> str:
    return f"/segments/{segment.key}/exports{rest}"


def chosen(response: Response) -> list[str]:
    return [column.name for column in response.context["chosen"]]


def test_the_page_begins_with_what_excel_of_the_country_wants(
    client: Client, segment: Segment
) -> None:
    response = client.get(path(segment))
    assert chosen(response) == list(USUAL_COLUMNS)
    asked = response.context["export"]
    assert (asked.delimiter, asked.decimal, asked.byte_order_mark) == (";", ",", True)
    assert asked.language == "en"


@pytest.mark.parametrize(
    ("zone", "language", "signs"),
    [
        ("Europe/Stockholm", "en", (";", ",")),
        ("Europe/Warsaw", "en", (";", ",")),
        ("Europe/Berlin", "sv", (";", ",")),
        ("Europe/London", "sv", (",", ".")),
        ("America/New_York", "pl", (",", ".")),
        ("America/Sao_Paulo", "en", (";", ",")),
        ("Europe/Zurich", "en", (";", ".")),
        ("UTC", "pl", (";", ",")),
        ("UTC", "en-gb", (",", ".")),
    ],
)
def test_signs_are_the_country_s_or_else_the_language_s(
    zone: str, language: str, signs: tuple[str, str]
) -> None:
    account = create_account(slug="somewhere", time_zone=zone)
    assert usual_signs(account, language) == signs


def test_a_set_is_chosen_saved_and_deleted(client: Client, segment: Segment) -> None:
    response = client.get(path(segment), {"set": "clv"})
    assert chosen(response) == [*CLV_COLUMNS, "Initial UTM Medium"]
    form = {**FORM, "set_name": " For the  post ", "save": "1"}
    saved = client.post(path(segment), form, follow=True)
    own = ColumnSet.objects.get()
    assert own.name == "For the post"
    assert chosen(saved) == ["email", "Points"]
    assert "For the post" in saved.content.decode()
    client.post(path(segment), {**form, "column": ["city"]})
    own.refresh_from_db()
    assert own.columns == ["city"]
    client.post(path(segment, f"/sets/{own.pk}/delete"))
    assert not ColumnSet.objects.exists()
    assert client.get(path(segment), {"set": str(own.pk)}).status_code == 404


def test_a_saved_column_that_is_gone_is_left_out(client: Client, segment: Segment) -> None:
    own = ColumnSet.objects.create(
        account=segment.account, name="Old", columns=["email", "Shoe size"], updated=now()
    )
    assert chosen(client.get(path(segment), {"set": str(own.pk)})) == ["email"]


def test_what_is_asked_for_becomes_an_export(client: Client, segment: Segment) -> None:
    response = client.post(path(segment), FORM)
    export = Export.objects.get()
    assert response["Location"] == path(segment, f"/{export.pk}")
    assert export.request["columns"] == ["email", "Points"]
    assert export.request["byte_order_mark"] is True
    assert export.user is not None
    page = client.get(response["Location"]).content.decode()
    assert "Waiting for a worker" in page
    assert "hx-get" in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"column": []}, "Choose at least one column."),
        ({"column": ["email", "Shoe size"]}, "There is no column “Shoe size”."),
        ({"format": "pdf"}, "“pdf” is none of:"),
        ({"save": "1", "set_name": ""}, "A set needs a name"),
        ({"save": "1", "set_name": "CLV"}, "is the name of a set that every account has"),
    ],
)
def test_what_cannot_be_is_said_and_the_rest_stays(
    client: Client, segment: Segment, change: dict[str, object], message: str
) -> None:
    response = client.post(path(segment), {**FORM, **change})
    assert response.status_code == 422
    assert message in source(response)
    assert not Export.objects.exists()
    assert response.context["export"].decimal == ","


def test_a_segment_that_was_never_built_says_so(client: Client, segment: Segment) -> None:
    Segment.objects.update(as_of=None)
    response = client.post(path(segment), FORM)
    assert response.status_code == 422
    assert "being built for the first time" in response.content.decode()


def test_the_page_says_who_can_be_reached_and_what_is_forecast(
    client: Client, segment: Segment
) -> None:
    page = client.get(path(segment, "/people")).content.decode()
    assert "By email" in page
    assert "<dd>1 <span" in page
    assert "Predictions have not been computed yet." in page
    assert client.get(path(segment, "/people"), {"reach": "rubbish"}).status_code == 200


def test_a_file_is_sent_with_its_name_and_size(client: Client, export: Export) -> None:
    response = client.get(path(export.segment, f"/{export.pk}/file"))
    content = response.getvalue()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert int(response["Content-Length"]) == len(content) == export.size
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''L%C3%A4sare%20")
    assert response["Cache-Control"] == "private, no-store"
    assert content.decode().splitlines()[1] == "anna@example.com,12.5"


def test_the_page_of_a_file_says_what_is_in_it(client: Client, export: Export) -> None:
    page = client.get(path(export.segment, f"/{export.pk}")).content.decode()
    assert export.as_of is not None
    for text in ("CSV, 3 people, 2 columns", "Ready", "Europe/Stockholm", "email, Points"):
        assert text in page
    assert "every 1s" not in page
    use = client.get(f"/segments/{export.segment.key}/use").content.decode()
    assert "CSV, 3 people, 2 columns" in use


@pytest.mark.parametrize("status", [s for s in ExportStatus if s != ExportStatus.DONE])
def test_there_is_no_file_but_of_what_is_ready(
    client: Client, export: Export, status: ExportStatus
) -> None:
    Export.objects.update(status=status)
    assert client.get(path(export.segment, f"/{export.pk}/file")).status_code == 404
    assert client.get(path(export.segment, f"/{export.pk}")).status_code == 200


def test_a_file_can_be_deleted_before_it_expires(client: Client, export: Export) -> None:
    client.post(path(export.segment, f"/{export.pk}/cancel"))
    export.refresh_from_db()
    assert export.status == ExportStatus.EXPIRED
    assert not export.chunks.exists()


def test_an_export_is_made_again_as_it_was(client: Client, export: Export) -> None:
    response = client.get(path(export.segment), {"from": str(export.pk)})
    assert chosen(response) == ["email", "Points"]
    assert response.context["export"].delimiter == ","
    for nonsense in ("x", "99999999999999999999", "²"):
        assert client.get(path(export.segment), {"from": nonsense}).status_code == 404


def test_a_viewer_sees_that_there_was_an_export_and_no_more(
    export: Export, viewer: User, sign_in: SignIn
) -> None:
    client, segment = sign_in(viewer), export.segment
    page = client.get(path(segment, f"/{export.pk}"))
    assert page.status_code == 200
    assert "/file" not in page.content.decode()
    assert 'method="post" action="/segments' not in page.content.decode()
    for rest in ("", "/people", f"/{export.pk}/file"):
        assert client.get(path(segment, rest)).status_code == 403
    for rest in ("", f"/{export.pk}/cancel", "/sets/1/delete"):
        assert client.post(path(segment, rest), FORM).status_code == 403
    assert Export.objects.count() == 1


def test_to_a_stranger_it_is_not_there(
    export: Export, stranger: User, sign_in: SignIn, other_account: Account
) -> None:
    client, own = sign_in(stranger), add_segment(other_account, "Mine")
    saved = ColumnSet.objects.create(
        account=export.account, name="Theirs", columns=["email"], updated=now()
    )
    for segment in (export.segment, own):
        for rest in (f"/{export.pk}", f"/{export.pk}/file", f"?from={export.pk}"):
            assert client.get(path(segment, rest)).status_code == 404
        for rest in (f"/{export.pk}/cancel", f"/sets/{saved.pk}/delete"):
            assert client.post(path(segment, rest)).status_code == 404
    assert client.get(path(own), {"set": str(saved.pk)}).status_code == 404
    assert "Theirs" not in client.get(path(own)).content.decode()
    assert client.post(path(export.segment), FORM).status_code == 404
    export.refresh_from_db()
    assert export.status == ExportStatus.DONE


def test_whoever_is_not_signed_in_is_sent_to_sign_in(export: Export) -> None:
    for rest in ("", "/people", f"/{export.pk}", f"/{export.pk}/file"):
        response = Client().get(path(export.segment, rest))
        assert response["Location"].startswith("/sign-in")


EVIL = '"><script>alert(1)</script>{{ x }}'


def test_names_cannot_carry_scripts(client: Client, account: Account) -> None:
    segment = add_segment(account, EVIL)
    let_in(segment, [{"external_id": "1", "properties": {EVIL: 1}, "lists": [{"name": EVIL}]}])
    ColumnSet.objects.create(account=account, name=EVIL[:80], columns=[EVIL], updated=now())
    own = ColumnSet.objects.get()
    form = {**FORM, "column": [EVIL, f"list.{EVIL}"]}
    assert client.post(path(segment), form).status_code == 302
    pages = [
        client.get(path(segment)),
        client.get(path(segment), {"set": str(own.pk)}),
        client.post(path(segment), {**form, "column": ["<script>alert(1)</script>"]}),
        client.get(path(segment, f"/{Export.objects.get().pk}")),
    ]
    for response in pages:
        assert "<script>alert" not in response.content.decode()


def test_failures_of_today_are_on_the_page_of_status(export: Export) -> None:
    with translation.override("en"):
        Export.objects.update(status=ExportStatus.FAILED, finished=now(), error="The disk is full.")
        status = status_of(export.account, now())
        assert "1 export failed today." in {trouble.what for trouble in status.troubles}
        later = status_of(export.account, now() + timedelta(days=1, minutes=1))
    assert all("export" not in trouble.what for trouble in later.troubles)


def test_columns_are_called_in_the_language_that_is_chosen(segment: Segment) -> None:
    export = start(segment, ExportRequest(("city", "Points"), language="sv"), user=None, at=now())
    run_export(export.pk, now)
    head = b"".join(pieces_of(export.pk)).split(b"\r\n")[0].decode()
    with translation.override("sv"):
        assert head == f"{capfirst(property_label('city', custom=False))},Points"
