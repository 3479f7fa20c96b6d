"""The catalogue of ready-made segments as Markdown: docs/library-segments.md."""

from __future__ import annotations

from collections.abc import Iterator

from segments.library.account_values import NoValues
from segments.library.parameters import NumberParameter
from segments.library.proposal import ParameterValue, propose
from segments.library.ready_segment import PURPOSES, ReadySegment, ready_segments

_HEAD = """<!-- Made by `python manage.py library_catalogue`; a test holds the two equal. -->
# Ready-made segments

Each with the values of an account that has nothing yet. In an account, texts and places that do
not occur give way to the commonest ones there: see [library.md](library.md).
"""
_TABLE = """
| key | name | who | parameters | what to do |
| --- | --- | --- | --- | --- |
"""


def catalogue() -> str:
    """The whole page, in the active language."""
    return _HEAD + "".join(_sections())


def _sections() -> Iterator[str]:
    for purpose, label in PURPOSES.items():
        yield f"\n## {label}\n{_TABLE}"
        for key, ready in sorted(ready_segments.items()):
            if purpose in ready.purposes:
                yield _row(key, ready)


def _row(key: str, ready: ReadySegment) -> str:
    proposal = propose(key, ready, NoValues())
    parameters = "; ".join(map(_parameter, proposal.values))
    who = proposal.sentence or str(ready.what_for)
    cells = (f"`{key}`", str(ready.name), who, parameters, str(ready.next_step))
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


def _parameter(one: ParameterValue) -> str:
    unit = one.parameter.unit if isinstance(one.parameter, NumberParameter) else ""
    return f"`{one.parameter.name}` = {one.text}{f' {unit}' if unit else ''}"
