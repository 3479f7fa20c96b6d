"""What the language model is told: the catalogue of conditions, names of the account, the text.

No person's data: no values of properties, no members, no counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from segmenter.kernel.errors import Problem
from segments.definition.catalogue import catalogue
from segments.engine.vocabulary import Catalog, Types

MOST_NAMES = 300
"""Names of one sort that are sent."""
Message = dict[str, str]
"""`role` and `content` of OpenAI's chat completions."""

_TASK = """\
You turn a marketer's description of customers into a definition of a segment.
Answer with one JSON object and nothing else: {"definition": {"condition_groups": [...]}}.
Groups are joined by AND, the conditions of a group by OR. Write "metric": "<name>" in place of
metric_id and "groups": ["<name>"] in place of group_ids. Use only the names listed below, spelled
as they are. Say nothing that the description does not say. If it cannot be said with these
conditions, answer {"definition": null, "problem": "<why, in the language of the description>"}.
"""


def first_messages(text: str, catalog: Catalog) -> list[Message]:
    """The conversation that asks for a definition."""
    content = "\n\n".join((_TASK, catalogue(), _names(catalog)))
    return [{"role": "system", "content": content}, {"role": "user", "content": text}]


def correction(answer: str, problems: Sequence[Problem]) -> list[Message]:
    """The messages that follow an answer that cannot be used: it, and what is wrong with it."""
    lines = [f"{problem.pointer or '/'}: {problem.message}" for problem in problems[:10]]
    content = "This definition cannot be used:\n" + "\n".join(lines) + "\nCorrect it."
    return [{"role": "assistant", "content": answer}, {"role": "user", "content": content}]


def _names(catalog: Catalog) -> str:
    lines = [
        "## Metrics",
        *_list(_metric(catalog, key, name) for key, name in catalog.metrics.items()),
        "## Properties of people",
        *_list(_property(name, types) for name, types in catalog.profile_properties.items()),
        "## Lists and segments",
        *_list(map(_quoted, catalog.lists.values())),
        *_list(_quoted(segment.name) for segment in catalog.segments.values()),
    ]
    return "\n".join(lines)


def _list(names: Iterable[str]) -> list[str]:
    return [f"- {name}" for name in list(names)[:MOST_NAMES]]


def _metric(catalog: Catalog, key: str, name: str) -> str:
    properties = [_property(each, types) for each, types in catalog.event_properties(key).items()]
    return f"{_quoted(name)}, with the properties {', '.join(properties[:MOST_NAMES])}"


def _property(name: str, types: Types) -> str:
    return f"{_quoted(name)} ({'/'.join(sorted(types)) or 'unknown'})"


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
