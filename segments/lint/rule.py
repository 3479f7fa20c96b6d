"""The base of the rules and their registry. Each rule is one file in `rules/`, found by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, TypeVar

from segmenter.kernel.registry import Registry
from segments.advice import Advice, Fix, Severity
from segments.lint.study import Study


class LintRule:
    """One thing to warn of. Each rule overrides `advice` and what it declares."""

    code: ClassVar[str]
    severity: ClassVar[Severity] = Severity.WARNING
    rank: ClassVar[int] = 0
    """Among several warnings of one severity at one place, the highest is shown."""

    def advice(self, study: Study) -> Iterator[Advice]:
        """What there is to say about a definition, in the active language."""
        raise NotImplementedError

    def say(
        self,
        pointer: str,
        sentence: str,
        people: int | None = None,
        fix: Fix | None = None,
        *,
        is_joint: bool = False,
        link: str = "",
    ) -> Advice:
        """One remark of this rule."""
        return Advice(
            self.code, pointer, sentence, people, fix, self.severity, self.rank, is_joint, link
        )


rules: Registry[LintRule] = Registry("rule about definitions")

R = TypeVar("R", bound=type[LintRule])


def rule(cls: R) -> R:
    """Register a rule under its code."""
    rules.add(cls.code, cls())
    return cls
