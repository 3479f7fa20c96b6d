"""Errors for the person or program that caused them, with the place of each problem."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One problem of an input.

    `pointer` is a JSON pointer (RFC 6901) to the place, relative to the input it belongs to;
    `code` a stable word for programs, `message` a sentence for people.
    """

    pointer: str
    code: str
    message: str

    def under(self, prefix: str) -> Problem:
        """The same problem in a larger document that contains the input at `prefix`."""
        return Problem(prefix + self.pointer, self.code, self.message)


class ApplicationError(Exception):
    """A request that cannot be carried out, with all its problems."""

    status = 400

    def __init__(self, *problems: Problem, message: str = "") -> None:
        self.problems = problems
        super().__init__(message or "; ".join(_sentence(p) for p in problems))


class Invalid(ApplicationError):
    """The input is not valid."""


class Conflict(ApplicationError):
    """The input is well-formed but contradicts what is stored."""

    status = 409


class NotFound(ApplicationError):
    """The object does not exist, or belongs to another account: never distinguished."""

    status = 404

    def __init__(self, subject: str = "It") -> None:
        super().__init__(Problem("", "not_found", f"{subject} was not found."))


class TooLarge(ApplicationError):
    """A limit was exceeded; the message names it."""

    status = 413


def _sentence(problem: Problem) -> str:
    return f"{problem.pointer}: {problem.message}" if problem.pointer else problem.message
