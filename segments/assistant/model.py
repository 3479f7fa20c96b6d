"""Asks a language model by the chat completions of OpenAI's API, which many programs speak.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from threading import BoundedSemaphore

from django.conf import settings
from django.utils.translation import gettext as _

from segmenter.kernel.errors import ApplicationError, Problem
from segments.assistant.prompt import Message
from segments.engine.remote_call import ApiFailure, call

SECONDS = 25.0
"""For one answer; a person waits for it."""
MOST_ANSWER = 256 * 1024
_MOST_AT_ONCE = 2
"""Requests of a process: the other threads serve pages meanwhile."""
_turns = BoundedSemaphore(_MOST_AT_ONCE)


class ModelFailure(ApplicationError):
    """The model gave no answer that can be used."""

    def __init__(self, message: str) -> None:
        super().__init__(Problem("/text", "assistant", message))


def is_available() -> bool:
    """Whether the operator has set an endpoint."""
    return bool(settings.SEGMENTER_ASSISTANT_URL)


def complete(messages: Sequence[Message]) -> str:
    """The model's answer to a conversation. Raises ModelFailure."""
    if not _turns.acquire(blocking=False):
        raise ModelFailure(_("The assistant is busy. Try again in a moment."))
    try:
        reply = call(
            "POST",
            f"{settings.SEGMENTER_ASSISTANT_URL}/chat/completions",
            _headers(),
            json.dumps(
                {
                    "model": settings.SEGMENTER_ASSISTANT_MODEL,
                    "messages": list(messages),
                    "temperature": 0,
                }
            ).encode(),
            most_answer=MOST_ANSWER,
            seconds=SECONDS,
            is_trusted=True,
        )
    except ApiFailure as failure:
        raise ModelFailure(_unavailable(failure.words)) from failure
    finally:
        _turns.release()
    if not 200 <= reply.status < 300:
        raise ModelFailure(_unavailable(f"HTTP {reply.status}"))
    return _content(reply.document)


def _headers() -> dict[str, str]:
    headers = {"content-type": "application/json"}
    if settings.SEGMENTER_ASSISTANT_KEY:
        headers["authorization"] = f"Bearer {settings.SEGMENTER_ASSISTANT_KEY}"
    return headers


def _content(document: Mapping[str, object]) -> str:
    """The text of the first choice."""
    try:
        content = document["choices"][0]["message"]["content"]  # type: ignore[index]
    except (KeyError, IndexError, TypeError):
        content = None
    if not isinstance(content, str):
        raise ModelFailure(_("The assistant gave no answer."))
    return content


def _unavailable(reason: str) -> str:
    return _("The assistant cannot be reached: %(reason)s") % {"reason": reason}
