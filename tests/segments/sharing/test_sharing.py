"""Handing a definition to another account: by file, by link, with names in place of keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import List, Metric
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Invalid
from segments.engine.editing import save_segment
from segments.models import Draft, Segment
from segments.sharing.portable import (
    MOST_LINK,
    decode_link,
    encode_link,
    portable,
    read_portable,
)
from tests.fixtures.cast import AT, Response, SignIn

pytestmark = pytest.mark.django_db


def fill(account: Account) -> None:
    """A metric "Placed Order" and a list "Letter"."""
    event = {"metric": "Placed Order", "profile": {"external_id": "ada"}, "time": AT.isoformat()}
    assert ingest_events(account=account, records=[event], at=AT).accepted == 1
    record = {"external_id": "ada", "lists": [{"name": "Letter"}]}
    ingest_profiles(account=account, records=[record], at=AT)


def definition(account: Account) -> dict[str, Any]:
    """Ordered at least once, and is on the list."""
    ordered = {
        "type": "profile-metric",
        "metric_id": Metric.objects.get(account=account, name="Placed Order").key,
        "measurement": "count",
        "measurement_filter": {
            "type": "numeric",
            "operator": "greater-than-or-equal",
            "value": 1,
        },
        "timeframe_filter": {"type": "date", "operator": "alltime"},
        "metric_filters": None,
    }
    member = {
        "type": "profile-group-membership",
        "is_member": True,
        "group_ids": [List.objects.get(account=account, name="Letter").key],
        "timeframe_filter": None,
    }
    groups = [{"conditions": [ordered]}, {"conditions": [member]}]
    return {"condition_groups": groups}


@pytest.fixture
def segment(account: Account, marketer: User) -> Segment:
    fill(account)
    return save_segment(
        account=account, user=marketer, name="Readers", definition=definition(account), at=AT
    )


def take(client: Client, text: str) -> Response:
    return client.post("/segments/take", {"text": text})


def test_a_file_holds_names_and_no_keys(segment: Segment) -> None:
    text = json.dumps(portable(segment))
    assert '"metric": "Placed Order"' in text
    assert '"groups": ["Letter"]' in text
    assert not any(key in text for key in (segment.key, *Metric.objects.values_list("key")[0]))


def test_another_account_gets_the_same_definition_by_its_own_keys(
    segment: Segment, other_account: Account
) -> None:
    fill(other_account)
    text = json.dumps(portable(segment))
    name, read = read_portable(other_account, text)
    assert name == "Readers"
    assert read == definition(other_account)


def test_what_the_other_account_lacks_is_named(segment: Segment, other_account: Account) -> None:
    with pytest.raises(Invalid) as refusal:
        read_portable(other_account, json.dumps(portable(segment)))
    assert [problem.message for problem in refusal.value.problems] == [
        "There is no metric “Placed Order”.",
        "There is no list or segment “Letter”.",
    ]


def test_a_name_of_two_things_is_not_handed_on(segment: Segment, account: Account) -> None:
    Segment.objects.create(account=account, name="Letter", definition={}, created=AT, updated=AT)
    with pytest.raises(Conflict):
        portable(segment)


def test_a_link_holds_the_file(segment: Segment) -> None:
    content = portable(segment)
    link = encode_link(content)
    assert json.loads(decode_link(link)) == content
    assert len(link) < 400


@pytest.mark.parametrize("link", ["", "x", "%%%", "eJw", "AAAA" * 2_000, "å", "eJwDAAAAAAE"])
def test_a_damaged_link_is_refused(link: str, account: Account) -> None:
    with pytest.raises(Invalid):
        read_portable(account, decode_link(link))


def test_what_is_too_large_for_a_link_has_a_file_only() -> None:
    assert encode_link({"name": "".join(map(chr, range(200, 9_000)))}) == ""


def test_a_small_link_that_inflates_to_much_is_refused() -> None:
    bomb = encode_link({"name": "x" * 2_000_000})
    assert 0 < len(bomb) <= MOST_LINK
    with pytest.raises(Invalid):
        decode_link(bomb)


def test_the_page_shows_the_link_and_the_link_opens_the_builder(
    segment: Segment, marketer: User, stranger: User, other_account: Account, sign_in: SignIn
) -> None:
    page = sign_in(marketer).get(f"/segments/{segment.key}/share").content.decode()
    link = page.partition('value="http://testserver')[2].partition('"')[0]
    client = sign_in(stranger)
    refused = client.get(link).content.decode()
    assert "There is no metric “Placed Order”." in refused
    fill(other_account)
    text = json.dumps(portable(segment))
    assert "There is no metric" not in client.get(link).content.decode()
    answer = take(client, text)
    assert answer.status_code == 302
    draft = Draft.objects.get(account=other_account)
    assert (draft.name, draft.definition) == ("Readers", definition(other_account))
    assert "Readers" in client.get(answer["Location"]).content.decode()
    assert not Segment.objects.filter(account=other_account).exists()


def test_a_file_is_taken_as_it_was_downloaded_and_by_the_command(
    segment: Segment, marketer: User, sign_in: SignIn, account: Account, tmp_path: Any
) -> None:
    client = sign_in(marketer)
    file = client.get(f"/segments/{segment.key}/definition.json")
    assert file["Content-Disposition"] == 'attachment; filename="Readers.json"'
    path = tmp_path / "Readers.json"
    path.write_bytes(b"\xef\xbb\xbf" + file.content)
    with path.open("rb") as upload:
        assert client.post("/segments/take", {"file": upload}).status_code == 302
    assert Draft.objects.get(account=account).definition == segment.definition


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "7", '{"name": "x"}', '{"definition": {}}'),
        '{"name": "x", "definition": {}}',
        '{"name": "x", "definition": {"condition_groups": NaN}}',
        "[" * 10_000,
        "\0",
    ],
)
def test_rubbish_is_refused_with_a_reason(text: str, marketer: User, sign_in: SignIn) -> None:
    answer = take(sign_in(marketer), text)
    assert answer.status_code in {400, 422}
    assert answer.status_code == 400 or 'role="alert"' in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_file_that_is_no_text_is_refused(marketer: User, sign_in: SignIn, tmp_path: Any) -> None:
    path = tmp_path / "picture.json"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with path.open("rb") as upload:
        assert sign_in(marketer).post("/segments/take", {"file": upload}).status_code == 422


def test_a_stranger_a_viewer_and_nobody_share_nothing(
    segment: Segment, stranger: User, viewer: User, sign_in: SignIn
) -> None:
    for path in (f"/segments/{segment.key}/share", f"/segments/{segment.key}/definition.json"):
        assert sign_in(stranger).get(path).status_code == 404
        assert sign_in(viewer).get(path).status_code == 403
        assert Client().get(path)["Location"].startswith("/sign-in?next=")
    assert sign_in(viewer).get("/segments/take").status_code == 403
    assert take(sign_in(viewer), json.dumps(portable(segment))).status_code == 403
