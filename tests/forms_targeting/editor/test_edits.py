"""Changes of a draft: what each does, what goes with it, and that none leaves a broken draft."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_targeting.content.block import block_kinds
from forms_targeting.editor.draft_content import draft_of, problems_of, read_draft, valid_draft
from forms_targeting.editor.edits import EDITS
from forms_targeting.editor.positions import blocks_of
from forms_targeting.editor.translation import share_of, source_texts
from forms_targeting.library.ready_form import ready_forms
from segmenter.kernel.errors import Invalid
from tests.draws import draws

Draft = dict[str, Any]


def quiz() -> Draft:
    return draft_of(json.loads(json.dumps(ready_forms["quiz"].content)))


def after(draft: Draft, do: str, at: str, value: Any = None) -> Draft:
    return EDITS[do](deepcopy(draft), at, value).draft


def ids(draft: Draft) -> list[list[str]]:
    return [[block["id"] for block in step["blocks"]] for step in draft["steps"]]


def test_a_ready_form_is_drawn_as_it_is() -> None:
    for name in ready_forms:
        content = valid_draft(draft_of(ready_forms[name].content))
        assert draft_of(content) == content
        assert problems_of(content) == ()


@pytest.mark.parametrize("type_", sorted(block_kinds))
def test_a_block_of_every_kind_can_be_added(type_: str) -> None:
    result = EDITS["add-block"](quiz(), "/steps/3/blocks/1", type_)
    block = result.draft["steps"][3]["blocks"][1]
    assert (block["type"], f"block:{block['id']}") == (type_, result.selection)
    assert draft_of(result.draft) == result.draft
    places = {problem.pointer for problem in problems_of(result.draft)}
    assert places <= {"/steps/3/blocks/1/url"}, "only an image lacks something: its address"


def test_a_new_input_asks_for_what_no_other_input_does() -> None:
    draft: Draft = draft_of({"kind": "popup", "steps": [{"id": "start", "blocks": []}]})
    names = []
    for _number in range(5):
        draft = after(draft, "add-block", "/steps/0", "field")
        names.append(draft["steps"][0]["blocks"][-1]["property"])
    assert names == [
        *("email", "first_name", "last_name"),
        *("properties.Question 1", "properties.Question 2"),
    ]


def test_a_block_moves_up_and_down_over_the_edges_of_steps() -> None:
    draft = quiz()
    first, second = ids(draft)[0], ids(draft)[1]
    down = after(draft, "down", f"/steps/0/blocks/{len(first) - 1}")
    assert ids(down)[:2] == [first[:-1], [first[-1], *second]]
    assert after(down, "up", "/steps/1/blocks/0") == draft
    assert after(draft, "up", "/steps/0/blocks/0") == draft
    swapped = after(draft, "down", "/steps/0/blocks/0")
    assert ids(swapped)[0][:2] == [first[1], first[0]]


def test_a_step_moves_with_its_blocks() -> None:
    draft = quiz()
    names = [step["id"] for step in draft["steps"]]
    reordered = after(draft, "move", "/steps/0", "/steps/3")
    assert [step["id"] for step in reordered["steps"]] == [*names[1:3], names[0], *names[3:]]
    assert after(reordered, "move", "/steps/2", "/steps/0") == draft
    assert after(draft, "down", f"/steps/{len(names) - 1}") == draft


def test_a_copy_has_an_id_and_translations_of_its_own() -> None:
    draft = quiz()
    result = EDITS["duplicate"](deepcopy(draft), "/steps/0/blocks/1", None)
    copy = result.draft["steps"][0]["blocks"][2]
    assert f"block:{copy['id']}" == result.selection != "block:quiz-answer"
    swedish = result.draft["translations"]["sv"]
    assert swedish[f"{copy['id']}.options.gift"] == swedish["quiz-answer.options.gift"]
    assert problems_of(result.draft) == ()


def test_a_copy_of_a_step_branches_by_its_own_inputs() -> None:
    result = EDITS["duplicate"](quiz(), "/steps/0", None)
    copy = result.draft["steps"][1]
    assert result.selection == f"step:{copy['id']}"
    assert copy["branches"][0]["field"] == copy["blocks"][1]["id"] != "quiz-answer"
    assert problems_of(result.draft) == ()
    assert share_of(result.draft, "sv") == 100


def test_what_is_removed_takes_its_branches_and_translations_along() -> None:
    draft = after(quiz(), "remove", "/steps/0/blocks/1")
    assert [step["branches"] for step in draft["steps"]] == [[], [], [], [], []]
    assert not [name for name in draft["translations"]["pl"] if name.startswith("quiz-answer")]
    shorter = after(quiz(), "remove", "/steps/2")
    assert shorter["steps"][0]["branches"] == []
    assert shorter["steps"][1]["branches"]
    assert problems_of(draft) == problems_of(shorter) == ()


def test_the_value_of_an_option_can_be_changed_and_everything_follows() -> None:
    draft = after(quiz(), "set", "/steps/0/blocks/1/options/0/value", "present")
    assert draft["steps"][0]["branches"][0]["value"] == "present"
    assert draft["translations"]["sv"]["quiz-answer.options.present"] == "En present"
    assert "quiz-answer.options.gift" not in draft["translations"]["sv"]
    assert draft["steps"][0]["blocks"][1]["options"][0]["label"] == "A gift"


def test_options_and_branches_are_added_and_removed() -> None:
    draft = after(quiz(), "append", "/steps/0/blocks/1/options")
    draft = after(draft, "append", "/steps/0/branches")
    assert draft["steps"][0]["blocks"][1]["options"][3]["value"] == "Option 4"
    assert draft["steps"][0]["branches"][1] == {
        "field": "quiz-answer",
        "value": "gift",
        "step": "thanks",
    }
    assert problems_of(draft) == ()
    draft = after(draft, "remove", "/steps/0/blocks/1/options/3")
    assert after(draft, "remove", "/steps/0/branches/1") == quiz()


def test_another_main_language_loses_no_text() -> None:
    draft = after(quiz(), "set", "/language", "sv")
    assert draft["steps"][0]["blocks"][0]["text"] == "Vad letar du efter?"
    assert share_of(draft, "en") == share_of(draft, "pl") == 100
    assert "sv" not in draft["translations"]
    assert after(draft, "set", "/language", "en") == quiz()


def test_a_translation_can_be_written_and_taken_back() -> None:
    draft = draft_of({**quiz(), "translations": {}})
    assert share_of(draft, "sv") == 0
    draft = after(draft, "set", "/translations/sv/title.text", "Vad letar du efter?")
    assert 0 < share_of(draft, "sv") < 100
    draft = draft_of(after(draft, "set", "/translations/sv/title.text", ""))
    assert draft["translations"] == {}


def test_texts_have_the_names_that_visitors_get_them_by() -> None:
    names = {source.name for source in source_texts(quiz())}
    assert names == set(quiz()["translations"]["sv"])


WRONG_PLACES = [
    *("", "/", "/steps", "/steps/9", "/steps/x", "/steps/0/blocks/99", "/steps/-1", "/steps/²"),
    *("/steps/0/id", "/nothing", "/translations/xx/a", "/style", "/steps/0/blocks/0/type", "~"),
]


@pytest.mark.parametrize("do", sorted(EDITS))
@pytest.mark.parametrize("at", WRONG_PLACES)
def test_a_place_that_is_not_there_changes_nothing_or_is_refused(do: str, at: str) -> None:
    try:
        draft = EDITS[do](quiz(), at, None).draft
    except Invalid:
        return
    assert ids(draft_of(draft)) == ids(quiz()) or do == "add-step"


POINTERS = st.one_of(
    st.sampled_from([*WRONG_PLACES, "/kind", "/language", "/style/button"]),
    st.builds("/steps/{}".format, st.integers(0, 5)),
    st.builds("/steps/{}/blocks/{}".format, st.integers(0, 5), st.integers(0, 6)),
    st.builds("/steps/{}/branches/{}/value".format, st.integers(0, 5), st.integers(0, 2)),
    st.builds("/steps/{}/blocks/{}/options".format, st.integers(0, 5), st.integers(0, 6)),
    st.builds("/steps/0/blocks/1/options/{}/value".format, st.integers(0, 4)),
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.text(max_size=3), max_size=2),
    st.sampled_from(["heading", "field", "sv", "gift", "/steps/1", "/steps/2/blocks/0"]),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
CHANGES = st.lists(st.tuples(st.sampled_from(sorted(EDITS)), POINTERS, VALUES), max_size=12)


@given(CHANGES)
@settings(max_examples=draws(60, nightly=2_000), deadline=None)
def test_no_series_of_changes_breaks_a_draft(changes: list[tuple[str, str, Any]]) -> None:
    draft = quiz()
    for do, at, value in changes:
        try:
            draft = draft_of(EDITS[do](deepcopy(draft), at, value).draft)
        except Invalid:
            continue
        assert draft_of(json.loads(json.dumps(draft))) == draft
        blocks = [block["id"] for _place, block in blocks_of(draft)]
        assert len(set(blocks)) == len(blocks)
        assert all(isinstance(problem.pointer, str) for problem in problems_of(draft))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", '"x"', "[" * 100_000, "1e999", '{"steps": ' + "[{}," * 60],
)
def test_what_is_no_draft_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_draft(text)


def test_what_cannot_be_kept_is_left_out_of_a_draft() -> None:
    hostile = {
        "kind": "\0",
        "language": ["en"],
        "style": {"button": 5, "width": "wide", "more": 1},
        "steps": [
            {"id": 1, "blocks": [{"id": "a", "type": "heading", "text": "\ud800"}, {}, 7]},
            {"blocks": {"a": 1}, "branches": [None, {"field": "x"}]},
        ],
        "translations": {"sv": {"a": "\0", "b": 1}, "xx": {"a": "b"}, "pl": []},
    }
    draft = draft_of(hostile)
    assert draft["steps"][0]["blocks"] == [{"id": "a", "type": "heading", "text": ""}]
    assert draft["steps"][1]["branches"] == [{"field": "x", "value": "", "step": ""}]
    assert draft["translations"] == {}
    assert draft["style"]["width"] == "wide"
    assert problems_of(draft)
    json.dumps(draft, allow_nan=False).encode()
