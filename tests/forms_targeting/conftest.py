"""Answers do not wait, so that tests are quick."""

from __future__ import annotations

import pytest

from forms_targeting.engine import even_time
from forms_targeting.models import FormVersion
from segmenter.accounts.models import Account
from tests.forms_targeting.visitor import Visitor, publish_form


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even_time, "STEP", 0)


@pytest.fixture
def version(account: Account) -> FormVersion:
    return publish_form(account)


@pytest.fixture
def visitor(account: Account, version: FormVersion) -> Visitor:
    return Visitor(account, version)
