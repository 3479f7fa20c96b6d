"""The pages of samples: access, forms, results and refusals."""

from __future__ import annotations

import pytest
from django.test import Client

from profiles.models import List
from segmenter.accounts.models import Account, User
from segments.models import Sample, Segment
from segments.samples import jobs
from segments.samples.jobs import run_sample
from tests.fixtures.cast import AT, SignIn
from tests.segments.samples.crowds import crowd, people_on

pytestmark = pytest.mark.django_db

FORM = {
    "list_name": "Spring test",
    "amount": "percent",
    "percent": "50",
    "at_least": "0",
    "number": "1000",
    "channel": "email",
    "tests": "2",
    "control": "10",
    "stratify": "location['country']",
    "seed": "",
}


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.sample_start, "subscribers", [])


@pytest.fixture
def segment(account: Account) -> Segment:
    return crowd(account, 60)


@pytest.fixture
def client(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def sample_drawn(client: Client, segment: Segment, **form: str) -> Sample:
    response = client.post(f"/segments/{segment.key}/samples/new", FORM | form)
    assert response.status_code == 302, response.content.decode()
    sample = Sample.objects.order_by("-pk")[0]
    run_sample(sample.pk, lambda: AT)
    sample.refresh_from_db()
    return sample


def test_a_marketer_draws_a_split_and_reads_what_was_drawn(
    client: Client, segment: Segment, marketer: User
) -> None:
    sample = sample_drawn(client, segment)
    assert [len(people) for people in people_on(sample)] == [11, 11, 2]
    assert (sample.user, sample.channel) == (marketer, "email")
    page = client.get(f"/segments/{segment.key}/samples/{sample.key}").content.decode()
    for text in ("Spring test - A", "Spring test - control", str(sample.seed), "48 of 60 people"):
        assert text in page
    assert "email" in page.lower()
    tab = client.get(f"/segments/{segment.key}/use").content.decode()
    assert f"/segments/{segment.key}/samples/{sample.key}" in tab
    assert "Draw a sample" in tab


def test_the_preview_says_what_the_form_draws(client: Client, segment: Segment) -> None:
    counts = {"of_": "60", "of_email": "48", "of_sms": "0", "of_push": "0"}
    path = f"/segments/{segment.key}/samples/preview"
    drawing = client.get(path, FORM | counts).context["drawing"]
    assert [size for _group, size in drawing["groups"]] == [11, 11, 2]
    assert (drawing["total"], drawing["left"], drawing["people"]) == (24, 24, 48)
    all_of_them = client.get(path, FORM | counts | {"channel": ""}).context["drawing"]
    assert all_of_them["total"] == 30
    assert client.get(path, FORM | counts | {"percent": "x"}).context["is_open"]
    assert client.get(path, FORM | counts | {"list_name": ""}).context["drawing"]["total"] == 24
    nobody = client.get(path, FORM | {"of_email": "-1"})
    assert "Nobody can be drawn" in nobody.content.decode()


def test_the_form_counts_who_can_be_reached(client: Client, segment: Segment) -> None:
    response = client.get(f"/segments/{segment.key}/samples/new")
    assert response.context["counts"] == [("", 60), ("email", 48), ("sms", 0), ("push", 0)]


def test_how_many_a_test_needs_is_said_as_one_types(client: Client, segment: Segment) -> None:
    path = f"/segments/{segment.key}/samples/size"
    page = client.get(path, {"rate": "10", "other": "12"}).content.decode()
    assert "To see 10% against 12% you need <strong>3,841</strong>" in page
    assert "cannot be told apart" in client.get(path, {"rate": 5, "other": 5}).content.decode()
    for rate in ("", "101", "-1", "x", "nan"):
        assert "Give two rates" in client.get(path, {"rate": rate, "other": 5}).content.decode()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"list_name": ""}, "required"),
        ({"percent": ""}, "Say how many"),
        ({"percent": "0"}, "greater than or equal"),
        ({"amount": "number", "number": ""}, "Say how many"),
        ({"amount": "all"}, "valid choice"),
        ({"seed": "-1"}, "greater than or equal"),
        ({"stratify": "properties['None']"}, "valid choice"),
        ({"tests": "9"}, "valid choice"),
        ({"control": "99"}, "valid choice"),
        ({"channel": "fax"}, "valid choice"),
        ({"list_name": "Taken"}, "already"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    client: Client, segment: Segment, wrong: dict[str, str], message: str
) -> None:
    List.objects.create(account=segment.account, name="Taken - B", created=AT, updated=AT)
    response = client.post(f"/segments/{segment.key}/samples/new", FORM | wrong)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Sample.objects.exists()


def test_everyone_else_goes_to_a_list(client: Client, segment: Segment) -> None:
    sample = sample_drawn(client, segment)
    path = f"/segments/{segment.key}/samples/{sample.key}/rest"
    refused = client.post(path, {"list_name": "Spring test - A"})
    assert refused.status_code == 422
    assert "already" in refused.content.decode()
    client.post(path, {"list_name": "The rest"})
    rest = Sample.objects.get(excluding=sample)
    run_sample(rest.pk, lambda: AT)
    (people,) = people_on(rest)
    assert len(people) == 24
    assert not people & set[int]().union(*people_on(sample))
    page = client.get(f"/segments/{segment.key}/samples/{sample.key}").content.decode()
    assert "The rest" in page


def test_a_viewer_looks_but_does_not_draw(
    client: Client, segment: Segment, viewer: User, sign_in: SignIn
) -> None:
    sample = sample_drawn(client, segment)
    path, theirs = f"/segments/{segment.key}/samples", sign_in(viewer)
    assert theirs.get(f"{path}/{sample.key}").status_code == 200
    assert "Everyone else to a list" not in theirs.get(f"{path}/{sample.key}").content.decode()
    for end in ("new", "preview", "size"):
        assert theirs.get(f"{path}/{end}").status_code == 403
    assert theirs.post(f"{path}/new", FORM).status_code == 403
    assert theirs.post(f"{path}/{sample.key}/rest", {"list_name": "R"}).status_code == 403
    assert Sample.objects.count() == 1


def test_a_stranger_finds_nothing(
    client: Client, segment: Segment, stranger: User, other_account: Account, sign_in: SignIn
) -> None:
    sample = sample_drawn(client, segment)
    own = crowd(other_account, 3)
    theirs = sign_in(stranger)
    for path in (
        f"/segments/{segment.key}/samples/new",
        f"/segments/{segment.key}/samples/{sample.key}",
        f"/segments/{own.key}/samples/{sample.key}",
        f"/segments/{own.key}/samples/nonono",
    ):
        assert theirs.get(path).status_code == 404
    for key in (segment.key, own.key):
        answer = theirs.post(f"/segments/{key}/samples/{sample.key}/rest", {"list_name": "R"})
        assert answer.status_code == 404


def test_a_sample_under_way_asks_again_and_a_failed_one_says_why(
    client: Client, segment: Segment
) -> None:
    client.post(f"/segments/{segment.key}/samples/new", FORM)
    sample = Sample.objects.get()
    path = f"/segments/{segment.key}/samples/{sample.key}"
    assert "load delay" in client.get(path).content.decode()
    Segment.objects.update(status="frozen")
    run_sample(sample.pk, lambda: AT)
    part = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "load delay" not in part
    assert "<html" not in part
    assert "its definition cannot be evaluated" in part


def test_a_snapshot_puts_everyone_on_a_list_that_remembers_the_segment(
    client: Client, segment: Segment
) -> None:
    url = f"/segments/{segment.key}/samples/snapshot"
    page = client.get(url).content.decode()
    assert f'value="{segment.name}, 20' in page
    response = client.post(url, {"list_name": "As of today", "channel": ""})
    assert response.status_code == 302
    sample = Sample.objects.get()
    run_sample(sample.pk, lambda: AT)
    sample.refresh_from_db()
    (people,) = people_on(sample)
    assert len(people) == 60
    assert (sample.segment_name, sample.version, sample.definition, sample.drawn) == (
        segment.name,
        segment.version,
        segment.definition,
        AT,
    )
    assert "The snapshot" in client.get(response["Location"]).content.decode()
    assert "Snapshot to a list" in client.get(f"/segments/{segment.key}/use").content.decode()


def test_a_snapshot_under_a_name_that_is_taken_is_refused_at_its_field(
    client: Client, segment: Segment, viewer: User, stranger: User, sign_in: SignIn
) -> None:
    url = f"/segments/{segment.key}/samples/snapshot"
    form = {"list_name": "As of today", "channel": "email"}
    assert client.post(url, form).status_code == 302
    for changed in ({}, {"list_name": ""}, {"channel": "pigeon"}):
        assert client.post(url, form | changed).status_code == 422
    assert sign_in(viewer).get(url).status_code == 403
    assert sign_in(stranger).post(url, form).status_code == 404
    assert Sample.objects.count() == 1
