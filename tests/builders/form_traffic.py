"""Views and submissions of forms, written directly."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from forms_targeting.models import FormSubmission, FormVersion, FormView
from tests.fixtures.cast import AT


def form_view(
    version: FormVersion,
    *,
    at: datetime = AT,
    page: str = "/",
    device: str = "phone",
    key: UUID | None = None,
) -> UUID:
    """A display of a version; return its key."""
    key = key or uuid4()
    account = version.account
    FormView.objects.create(
        account=account,
        form=version.form,
        version=version,
        key=key,
        at=at,
        day=at.astimezone(account.zone).date(),
        page=page,
        device=device,
    )
    return key


def form_submission(
    version: FormVersion,
    view: UUID | None = None,
    *,
    at: datetime = AT,
    profile_id: int | None = None,
    page: str = "/",
    device: str = "phone",
    step: str = "start",
) -> FormSubmission:
    """A submission of a step, of a display if there is one."""
    account = version.account
    return FormSubmission.objects.create(
        account=account,
        form=version.form,
        version=version,
        key=uuid4(),
        view=view,
        profile_id=profile_id,
        step=step,
        at=at,
        day=at.astimezone(account.zone).date(),
        page=page,
        device=device,
    )
