"""Creating, publishing, pausing and archiving forms, and changing what they say and to whom.

Each change locks the form's row first. One that visitors could see calls `note_change` in its
transaction; content that is not published is none. A version is
added when a form is published and its content never changes afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from forms_targeting.content.form_content import read_content, write_content
from forms_targeting.engine.form_checks import (
    MOST_NAME,
    ProblemList,
    check_range,
    read_name,
    read_targeting,
)
from forms_targeting.engine.sites import note_change
from forms_targeting.models import (
    Form,
    FormStatus,
    FormSubmission,
    FormVariant,
    FormVersion,
    FormView,
)
from profiles.models import List
from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem

MOST_FORMS = 200
"""Forms of one account that are not archived."""
LETTERS = "ABCDEF"
"""Of the variants of a form."""
MOST_WEIGHT = 100
MOST_PRIORITY = 1_000_000


def get_form(account: Account, key: str) -> Form:
    """Return a form by its public key. Raises NotFound."""
    form = Form.objects.filter(account=account, key=key).select_related("list", "user").first()
    if form is None:
        raise NotFound("The form")
    return form


def get_variant(form: Form, letter: str) -> FormVariant:
    """Return a variant of a form. Raises NotFound."""
    variant = form.variants.filter(letter=letter).first()
    if variant is None:
        raise NotFound("The variant")
    return variant


def create_form(
    *,
    account: Account,
    user: User | None,
    name: str,
    content: Mapping[str, Any],
    rules: Sequence[Mapping[str, Any]] = (),
    behavior: Mapping[str, Any] | None = None,
    at: datetime,
) -> Form:
    """Create a draft with one variant, A, behind all other forms.

    Raises Invalid with pointers below /name, /content, /rules and /behavior, and Conflict where
    there are MOST_FORMS.
    """
    problems = ProblemList()
    valid_name = problems.result_of(lambda: read_name(name))
    document = problems.result_of(lambda: write_content(read_content(content)), "/content")
    targeting = problems.result_of(lambda: read_targeting(account, rules, behavior or {}))
    problems.check()
    assert valid_name is not None
    assert document is not None
    assert targeting is not None
    with transaction.atomic():
        form = _new_form(account, user, valid_name, at)
        form.rules, form.behavior = targeting
        form.save()
        FormVariant.objects.create(form=form, letter=LETTERS[0], content=document, updated=at)
        note_change(account, at=at)
    return form


def rename_form(*, form: Form, name: str, at: datetime) -> Form:
    """Give a form another name. Raises Invalid."""
    name = read_name(name)
    with transaction.atomic():
        row = _lock(form)
        row.name = name
        return _save(row, at, "name")


def save_content(
    *,
    variant: FormVariant,
    content: Mapping[str, Any],
    at: datetime,
    updated: datetime | None = None,
) -> FormVariant:
    """Save what a variant says; visitors see it once the form is published again, so that no
    process has to read its forms anew.

    `updated` is the variant's stamp that the editor began with. Raises Conflict if somebody saved
    it since then, Invalid with pointers into the content.
    """
    document = write_content(read_content(content))
    with transaction.atomic():
        row = _lock(variant.form)
        current = get_variant(row, variant.letter)
        _compare(current.updated, updated)
        current.content, current.updated = document, _after(current.updated, at)
        current.save(update_fields=["content", "updated"])
    return current


def save_targeting(
    *,
    form: Form,
    rules: Sequence[Mapping[str, Any]],
    behavior: Mapping[str, Any],
    priority: int | None = None,
    list: List | None = None,
    double_opt_in: bool = False,
    at: datetime,
    updated: datetime | None = None,
) -> Form:
    """Save who sees a form and when, and what becomes of who submits it. A live form at once.

    No `priority` leaves it as it is. `updated` is the form's stamp that the editor began with:
    raises Conflict if it was changed since then, Invalid with pointers, NotFound for a list of
    another account.
    """
    problems = ProblemList()
    targeting = problems.result_of(lambda: read_targeting(form.account, rules, behavior))
    if priority is not None:
        problems.result_of(lambda: check_range(priority, "/priority", 0, MOST_PRIORITY))
    problems.check()
    assert targeting is not None
    if list is not None and list.account_id != form.account_id:
        raise NotFound("The list")
    with transaction.atomic():
        row = _lock(form)
        _compare(row.updated, updated)
        row.rules, row.behavior = targeting
        row.priority = row.priority if priority is None else priority
        row.list, row.double_opt_in = list, double_opt_in
        return _save(row, at, "rules", "behavior", "priority", "list", "double_opt_in")


def publish(*, form: Form, user: User | None, at: datetime) -> list[FormVersion]:
    """Make a form live with what its active variants say now; return the new versions.

    Only variants that changed since their last version get one. Raises Invalid if what the form
    says or asks cannot be shown, Conflict if it is archived.
    """
    with transaction.atomic():
        row = _lock(form)
        if row.status == FormStatus.ARCHIVED:
            raise Conflict(
                Problem("", "archived", _("The form is archived. Restore it before publishing."))
            )
        _check_whole(row)
        versions = [
            FormVersion.objects.create(
                account=row.account,
                form=row,
                variant=variant,
                number=(newest.number if newest else 0) + 1,
                content=variant.content,
                user=user,
                created=at,
            )
            for variant, newest in _variants(row)
            if variant.is_active and _differs(variant, newest)
        ]
        if versions or row.status != FormStatus.LIVE:
            row.status, row.published = FormStatus.LIVE, at
            _save(row, at, "status", "published")
    return versions


def pause(*, form: Form, at: datetime) -> Form:
    """Stop showing a live form. Raises Conflict if it is not one."""
    return _set_status(form, FormStatus.PAUSED, {FormStatus.LIVE, FormStatus.PAUSED}, at)


def archive(*, form: Form, at: datetime) -> Form:
    """Stop showing a form and put it away; its figures and consents stay."""
    return _set_status(form, FormStatus.ARCHIVED, set(FormStatus), at)


def restore(*, form: Form, at: datetime) -> Form:
    """Bring an archived form back, paused. Raises Conflict if it is not archived, or no room."""
    _check_room(form.account)
    return _set_status(form, FormStatus.PAUSED, {FormStatus.ARCHIVED}, at)


def delete_form(*, form: Form) -> None:
    """Delete a form that nobody has seen. Raises Conflict if it is live or was seen."""
    with transaction.atomic():
        # The whole lock: a view that is written meanwhile waits, and then has no form.
        row = _lock(form, whole=True)
        if row.status == FormStatus.LIVE:
            raise Conflict(Problem("", "live", _("A live form cannot be deleted. Pause it first.")))
        if was_seen(row):
            message = _("Visitors have seen this form. It can be archived, not deleted.")
            raise Conflict(Problem("", "seen", message))
        account, at = row.account, row.updated
        row.delete()
        note_change(account, at=at)


def was_seen(form: Form) -> bool:
    """Whether anybody saw or submitted a form, so that it cannot be deleted."""
    return any(rows.objects.filter(form=form).exists() for rows in (FormView, FormSubmission))


def duplicate(*, form: Form, user: User | None, at: datetime) -> Form:
    """Create a draft that says and asks the same as a form, behind all others."""
    with transaction.atomic():
        row = _lock(form)
        name = _("Copy of %(name)s") % {"name": row.name}
        copy = _new_form(row.account, user, name[:MOST_NAME].strip(), at)
        copy.rules, copy.behavior = row.rules, row.behavior
        copy.list, copy.double_opt_in = row.list, row.double_opt_in
        copy.save()
        for variant in row.variants.order_by("letter"):
            variant.pk, variant.form, variant.updated = None, copy, at
            variant.save(force_insert=True)
        note_change(row.account, at=at)
    return copy


def add_variant(*, form: Form, letter: str = LETTERS[0], at: datetime) -> FormVariant:
    """Add a variant that says the same as the one with `letter`. Visitors see it once published.

    Raises Conflict where there are as many as LETTERS, NotFound without a variant of that letter.
    """
    with transaction.atomic():
        row = _lock(form)
        content = get_variant(row, letter).content
        taken_letters = set(row.variants.values_list("letter", flat=True))
        free = [each for each in LETTERS if each not in taken_letters]
        if not free:
            message = _("A form has at most %(most)d variants.") % {"most": len(LETTERS)}
            raise Conflict(Problem("", "too_many", message))
        variant = FormVariant.objects.create(form=row, letter=free[0], content=content, updated=at)
        note_change(row.account, at=at)
    return variant


def set_variant(
    *, variant: FormVariant, weight: int | None = None, is_active: bool | None = None, at: datetime
) -> FormVariant:
    """Change a variant's share of visitors, or whether visitors are given it. At once.

    Raises Invalid; one variant at least stays active.
    """
    if weight is not None:
        check_range(weight, "/weight", 1, MOST_WEIGHT)
    with transaction.atomic():
        row = _lock(variant.form)
        current = get_variant(row, variant.letter)
        others = row.variants.filter(is_active=True).exclude(pk=current.pk)
        if is_active is False and not others.exists():
            message = _("A form needs a variant that visitors see.")
            raise Invalid(Problem("/is_active", "last_variant", message))
        current.weight = current.weight if weight is None else weight
        current.is_active = current.is_active if is_active is None else is_active
        current.save(update_fields=["weight", "is_active"])
        note_change(row.account, at=at)
    return current


def unpublished_letters(form: Form) -> list[str]:
    """Return the letters of active variants that say something else than visitors see."""
    return [
        variant.letter
        for variant, newest in _variants(form)
        if variant.is_active and _differs(variant, newest)
    ]


def _check_whole(form: Form) -> None:
    """Everything that a form says must be readable still: kinds and segments may be gone."""
    problems = ProblemList()
    problems.result_of(lambda: read_targeting(form.account, form.rules, form.behavior))
    active = [variant for variant, _newest in _variants(form) if variant.is_active]
    if not active:
        message = _("A form needs a variant that visitors see.")
        problems.add(Problem("/variants", "required", message))
    for variant in active:
        pointer = f"/variants/{variant.letter}/content"
        problems.result_of(partial(read_content, variant.content), pointer)
    problems.check()


def _variants(form: Form) -> list[tuple[FormVariant, FormVersion | None]]:
    """The variants by letter, each with its newest version."""
    versions = form.versions.order_by("variant", "-number").distinct("variant")
    newest = {version.variant_id: version for version in versions}
    return [(row, newest.get(row.pk)) for row in form.variants.order_by("letter")]


def _differs(variant: FormVariant, newest: FormVersion | None) -> bool:
    return newest is None or newest.content != variant.content


def _new_form(account: Account, user: User | None, name: str, at: datetime) -> Form:
    """A form that is not saved yet, of an account that is locked now."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    _check_room(account)
    last = Form.objects.filter(account=account).aggregate(last=Max("priority"))["last"] or 0
    priority = min(last + 1, MOST_PRIORITY)
    return Form(account=account, user=user, name=name, priority=priority, created=at, updated=at)


def _check_room(account: Account) -> None:
    forms = Form.objects.filter(account=account).exclude(status=FormStatus.ARCHIVED)
    if forms.count() >= MOST_FORMS:
        message = _("There are %(most)d forms already, which is as many as there may be.")
        raise Conflict(Problem("", "too_many", message % {"most": MOST_FORMS}))


def _set_status(form: Form, status: FormStatus, before: set[FormStatus], at: datetime) -> Form:
    with transaction.atomic():
        row = _lock(form)
        if row.status not in before:
            message = _("The form is not what it was: it is %(status)s now.")
            message %= {"status": row.get_status_display()}
            raise Conflict(Problem("", "status", message))
        if row.status == status:
            return row
        row.status = status
        return _save(row, at, "status")


def _lock(form: Form, *, whole: bool = False) -> Form:
    rows = Form.objects.select_for_update(no_key=not whole, of=("self",))
    row = rows.filter(pk=form.pk, account_id=form.account_id).select_related("account").first()
    if row is None:
        raise NotFound("The form")
    return row


def _save(form: Form, at: datetime, *fields: str) -> Form:
    form.updated = _after(form.updated, at)
    form.save(update_fields=[*fields, "updated"])
    note_change(form.account, at=at)
    return form


def _after(before: datetime, at: datetime) -> datetime:
    """A stamp that differs from the one before, whatever the clock does."""
    return max(at, before + timedelta(microseconds=1))


def _compare(current: datetime, expected: datetime | None) -> None:
    if expected is not None and current != expected:
        message = _("Somebody else changed this meanwhile.")
        raise Conflict(Problem("", "changed", message))
