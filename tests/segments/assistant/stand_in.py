"""A language model that says what a test tells it to, by OpenAI's chat completions."""

from __future__ import annotations

import json
from typing import Any

from tests.fixtures.shop_site import ShopAnswer, ShopRequest, ShopSite

PATH = "/v1/chat/completions"


class StandIn:
    """Answers each request with the next of its `answers`; the last one again and again."""

    def __init__(self, site: ShopSite, *answers: str, status: int = 200) -> None:
        self.url = f"{site.url}/v1"
        self.requests: list[ShopRequest] = []
        self._answers, self._status = list(answers), status
        site.answers[PATH] = self._answer

    def _answer(self, request: ShopRequest) -> ShopAnswer:
        self.requests.append(request)
        content = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        document = {"choices": [{"message": {"role": "assistant", "content": content}}]}
        return ShopAnswer(json.dumps(document), "application/json", self._status)

    @property
    def conversations(self) -> list[list[dict[str, Any]]]:
        """The messages of each request."""
        return [json.loads(request.body)["messages"] for request in self.requests]
