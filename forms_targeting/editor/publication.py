"""What publishing a form would change, what speaks against it, and what is only to be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from forms_targeting.content.contrast import contrasts_of
from forms_targeting.editor.changes import changes_between
from forms_targeting.editor.draft_content import Draft, draft_of, problems_of
from forms_targeting.editor.problem_links import ProblemLink, problem_links
from forms_targeting.editor.translation import share_of
from forms_targeting.engine.form_checks import read_targeting
from forms_targeting.models import Form, FormStatus, FormVariant
from segmenter.kernel.errors import Invalid


@dataclass(frozen=True)
class Obstacle:
    """Why a form cannot be published, and the page where that is corrected."""

    where: str
    message: str
    href: str


@dataclass(frozen=True)
class VariantChanges:
    """What visitors would get that the published version of a variant does not say."""

    letter: str
    is_new: bool
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Publication:
    """The summary before a form is published."""

    obstacles: list[Obstacle] = field(default_factory=list)
    variants: list[VariantChanges] = field(default_factory=list)
    warnings: list[Obstacle] = field(default_factory=list)
    """They are shown, but keep nobody from publishing."""
    is_live: bool = False

    @property
    def changes_nothing(self) -> bool:
        return self.is_live and not self.variants


def publication_of(form: Form) -> Publication:
    """Return what publishing the form now would do."""
    summary = Publication(is_live=form.status == FormStatus.LIVE)
    if form.status == FormStatus.ARCHIVED:
        href = reverse("forms_targeting:form", args=[form.key])
        message = _("The form is archived. Restore it before publishing.")
        summary.obstacles.append(Obstacle(_("Form"), message, href))
    summary.obstacles.extend(_targeting_obstacles(form))
    variants = list(form.variants.filter(is_active=True).order_by("letter"))
    for variant in variants:
        draft = draft_of(variant.content)
        problems = problem_links(draft, problems_of(variant.content))
        summary.obstacles.extend(_obstacle(form, variant, link) for link in problems)
        if not problems:
            summary.variants.extend(_variant_changes(form, variant, draft))
            summary.warnings.extend(_warnings(form, variant, draft))
    return summary


def _targeting_obstacles(form: Form) -> Iterator[Obstacle]:
    try:
        read_targeting(form.account, form.rules, form.behavior)
    except Invalid as error:
        href = reverse("forms_targeting:targeting", args=[form.key])
        for problem in error.problems:
            yield Obstacle(_("Targeting and behavior"), problem.message, href)


def _obstacle(form: Form, variant: FormVariant, link: ProblemLink) -> Obstacle:
    where = _("Variant %(letter)s") % {"letter": variant.letter}
    where = f"{where}, {link.where}" if link.where else where
    return Obstacle(where, link.message, _address(form, variant, link.selection))


def _address(form: Form, variant: FormVariant, selection: str) -> str:
    path = reverse("forms_targeting:edit", args=[form.key, variant.letter])
    return f"{path}?select={selection}"


def _variant_changes(form: Form, variant: FormVariant, draft: Draft) -> Iterator[VariantChanges]:
    newest = form.versions.filter(variant=variant).order_by("-number").first()
    if newest is None:
        yield VariantChanges(variant.letter, is_new=True)
    elif newest.content != variant.content:
        lines = changes_between(draft_of(newest.content), draft)
        yield VariantChanges(variant.letter, is_new=False, lines=tuple(lines))


def _warnings(form: Form, variant: FormVariant, draft: Draft) -> Iterator[Obstacle]:
    where = _("Variant %(letter)s") % {"letter": variant.letter}
    if not all(contrast.is_enough for contrast in contrasts_of(draft["style"])):
        message = _("Some text is hard to read: its color is too close to its background.")
        yield Obstacle(where, message, _address(form, variant, "look"))
    for code, name in settings.LANGUAGES:
        share = share_of(draft, code)
        if code in draft["translations"] and share < 100:
            message = _("%(language)s is translated to %(share)d%%.")
            message %= {"language": name, "share": share}
            yield Obstacle(where, message, _address(form, variant, f"language:{code}"))
