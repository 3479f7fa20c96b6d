"""`manage.py save_segment`: a segment from a file, built when the command ends."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from profiles.models import Profile
from segmenter.accounts.models import Account
from segments.models import Membership, Segment

pytestmark = pytest.mark.django_db(transaction=True)


def definition(quantity: int) -> dict[str, Any]:
    condition = {
        "type": "profile-metric",
        "metric": "Placed Order",
        "measurement": "count",
        "measurement_filter": {
            "type": "numeric",
            "operator": "greater-than-or-equal",
            "value": quantity,
        },
        "timeframe_filter": {"type": "date", "operator": "alltime"},
    }
    return {"condition_groups": [{"conditions": [condition]}]}


def save(file: Path, content: object) -> dict[str, Any]:
    text = content if isinstance(content, str) else json.dumps(content)
    file.write_text(text)
    output = StringIO()
    call_command("save_segment", str(file), "--account", "shop", stdout=output)
    answer: dict[str, Any] = json.loads(output.getvalue().splitlines()[-1])
    return answer


@pytest.mark.usefixtures("people")
def test_a_segment_is_created_and_then_changed(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "buyers.json"
    answer = save(file, {"name": "Buyers", "definition": definition(2)})
    segment = Segment.objects.get(account=account)
    assert answer == {
        "id": segment.key,
        "name": "Buyers",
        "size": 1,
        "created": True,
        "updated": False,
    }
    assert Membership.objects.filter(segment=segment).count() == 1
    answer = save(file, {"name": " Buyers ", "definition": definition(3)})
    assert (answer["id"], answer["size"]) == (segment.key, 0)
    assert (answer["created"], answer["updated"]) == (False, True)
    assert not Membership.objects.exists()


@pytest.mark.usefixtures("people")
def test_saving_the_same_again_changes_nothing(account: Account, tmp_path: Path) -> None:
    content = {"name": "Buyers", "definition": definition(1)}
    first = save(tmp_path / "a.json", content)
    again = save(tmp_path / "a.json", content)
    assert again["size"] == first["size"] == 1
    assert Segment.objects.get(account=account).version == 1


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "it needs a name and a definition"),
        ({"name": "Buyers"}, "condition_groups"),
        ({"name": "", "definition": definition(1)}, "/name"),
        ({"name": "Buyers", "definition": {}}, "condition_groups"),
        ({"name": "Buyers", "definition": []}, "a.json"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_place(
    account: Account, tmp_path: Path, content: object, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        save(tmp_path / "a.json", content)
    assert not Segment.objects.exists()
    assert Profile.objects.filter(account=account).count() == 3


def test_an_unknown_metric_is_named(account: Account, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no metric “Placed Order”"):
        save(tmp_path / "a.json", {"name": "Buyers", "definition": definition(1)})
