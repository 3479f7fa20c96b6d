"""Stores a submission: the person, what they agreed to with its proof, the list, the event.

One transaction. The row of the submission comes first: who sends it again finds it and stops, so
nothing counts twice, however often and however late it is sent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import connection, transaction

from forms_targeting.content.block import FormBlock
from forms_targeting.content.form_content import FormContent, FormStep, read_content
from forms_targeting.content.public import best_language
from forms_targeting.engine.circumstances import Circumstances
from forms_targeting.engine.consent_statements import add_proof, consent_record
from forms_targeting.engine.opt_in import METHOD, ask_for_confirmation, needs_confirmation
from forms_targeting.engine.visitor_limits import limit_email
from forms_targeting.engine.visitors import visitor_id
from forms_targeting.models import FormSubmission, FormVersion, ProofSource, Site
from forms_targeting.submissions import touches
from forms_targeting.submissions.answers import Answers, address_of_channel, read_answers
from forms_targeting.submissions.submission import ATTRIBUTES, Submission
from profiles.consent_words import ConsentStatus
from profiles.ingest.identifiers import is_placeholder
from profiles.ingest.parse import EventRecord, ProfileRecord, read_profile
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.ingest.suppressions import lift_unsubscribe
from profiles.models import Cause
from segmenter.accounts.models import Account
from segmenter.kernel.jsonapi import refuse

METRIC = "Submitted Form"


def read_step(content: FormContent, step_id: str) -> FormStep:
    """Return the step that is submitted. Raises Invalid."""
    step = next((step for step in content.steps if step.id == step_id), None)
    if step is None:
        refuse(f"{ATTRIBUTES}/step_id", "invalid", "The form has no such step.")
    return step


def submit(
    *,
    site: Site,
    version: FormVersion,
    submission: Submission,
    circumstances: Circumstances,
    country: str,
    server: str,
    at: datetime,
) -> bool:
    """Store a submission; return whether it was new. Raises Invalid for what must be corrected,
    Throttled for an e-mail address that was entered too often.

    `country` is the code of the country whose national phone numbers are understood, or "",
    `server` the address of this server, for links in mails.
    """
    content = read_content(version.content)
    step = read_step(content, submission.step_id)
    answers, consent_blocks = read_answers(
        content, step, submission.values, submission.consents, country=country
    )
    if "email" in answers.identifiers:
        limit_email(version.account, answers.identifiers["email"], at=at)
    with transaction.atomic():
        row = _new_row(version, submission, at)
        if row is None:
            return False
        work = _Work(site, version, content, submission, circumstances, server, at)
        row.profile_id, row.is_first_contact = work.store(row, answers, consent_blocks)
        row.save(update_fields=["profile_id", "is_first_contact"])
    return True


def _new_row(version: FormVersion, submission: Submission, at: datetime) -> FormSubmission | None:
    """Insert the row of a submission; None if it is there already, also if another is storing it.

    The database lets the second of two at once wait until the first has committed.
    """
    time = submission.time or at
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO forms_targeting_formsubmission (account_id, form_id, version_id, key,
                   view, step, at, day, page, device, utm, is_first_contact)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, false)
               ON CONFLICT (account_id, key) DO NOTHING RETURNING id""",
            [
                version.account_id,
                version.form_id,
                version.pk,
                submission.key,
                submission.view,
                submission.step_id,
                time,
                time.astimezone(version.account.zone).date(),
                touches.path_of(submission.page),
                submission.device,
                touches.as_json(submission.utm),
            ],
        )
        id_row = cursor.fetchone()
    return None if id_row is None else FormSubmission.objects.get(pk=id_row[0])


class _Work:
    """What one submission means, inside its transaction."""

    def __init__(
        self,
        site: Site,
        version: FormVersion,
        content: FormContent,
        submission: Submission,
        circumstances: Circumstances,
        server: str,
        at: datetime,
    ) -> None:
        self.site, self.version, self.content = site, version, content
        self.account: Account = version.account
        self.submission, self.at = submission, at
        self.time = submission.time or at
        self.language = best_language(content, [submission.language])
        self.circumstances = replace(circumstances, language=self.language)
        self.server = server

    def store(
        self, row: FormSubmission, answers: Answers, consent_blocks: list[FormBlock]
    ) -> tuple[int | None, bool]:
        """Store everything; return the person, and whether they were unknown before."""
        person = self._person(answers)
        if person is None:
            return None, False
        waits = self.version.form.double_opt_in and needs_confirmation(
            self.account, answers.identifiers.get("email")
        )
        pending = [b for b in consent_blocks if waits and b.values["channel"] == "email"]
        channels = {b.values["channel"] for b in consent_blocks if b not in pending}
        form_list = self.version.form.list
        if form_list is not None and not pending:
            person = person._replace(lists=((form_list.name, self.submission.time),))
        outcome = ingest_events(
            account=self.account,
            records=[self._event(person, answers)],
            at=self.at,
            unproven=True,
        )
        (profile_id,) = outcome.profile_ids
        if profile_id is None:  # a proven visitor was erased in this moment
            return None, False
        owners = self._agree(channels, answers, profile_id)
        for block in consent_blocks:
            channel = block.values["channel"]
            if block in pending:
                ask_for_confirmation(
                    site=self.site,
                    version=self.version,
                    row=row,
                    email=answers.identifiers["email"],
                    wording=self._wording(block),
                    circumstances=self.circumstances,
                    server=self.server,
                    at=self.at,
                )
            else:
                add_proof(
                    account=self.account,
                    profile_id=owners[channel],
                    channel=channel,
                    status=ConsentStatus.SUBSCRIBED,
                    source=ProofSource.FORM,
                    version=self.version,
                    wording=self._wording(block),
                    circumstances=self.circumstances,
                    at=self.time,
                )
        return profile_id, profile_id in outcome.identified

    def _person(self, answers: Answers) -> ProfileRecord | None:
        """The record of the person; None if nothing says who they are."""
        submission = self.submission
        identifiers: dict[str, object] = dict(answers.identifiers)
        if submission.anonymous_id and not is_placeholder(submission.anonymous_id):
            identifiers["anonymous_id"] = submission.anonymous_id
        proven = self._proven_id()
        if not identifiers and proven is None:
            return None
        record = {
            **identifiers,
            **answers.fields,
            "location": answers.location or None,
            "properties": {**answers.properties, **touches.last_touch(submission.utm)},
        }
        if proven is not None:
            record["id"] = proven
        return read_profile(record)._replace(first=touches.first_touch(submission.first_utm))

    def _proven_id(self) -> int | None:
        """Who the visitor is: by their token, or because this display of the form made them known.

        So the second step of a form can add a phone number to the person of the first one.
        """
        submission = self.submission
        proven = visitor_id(
            self.site, token=submission.exchange_id, signed=submission.jwt, at=self.at
        )
        if proven is not None or submission.view is None:
            return proven
        earlier = FormSubmission.objects.filter(
            account=self.account,
            form_id=self.version.form_id,
            view=submission.view,
            is_first_contact=True,
        )
        return earlier.values_list("profile_id", flat=True).order_by("-pk").first()

    def _event(self, person: ProfileRecord, answers: Answers) -> EventRecord:
        version = self.version
        about = {
            "Form": version.form.name,
            "Form ID": version.form.key,
            "Variant": version.variant.letter,
            "Version": version.number,
            "Step": self.submission.step_id,
            "Page": self.submission.page,
            "Device": self.submission.device,
        }
        return EventRecord(
            metric=METRIC,
            time=self.time,
            value=None,
            unique_id=str(self.submission.key),
            properties={**answers.properties, **about},
            profile=person,
        )

    def _agree(self, channels: set[str], answers: Answers, profile_id: int) -> dict[str, int]:
        """Store consents; return whose each is: of the person with the address it is about.

        That is somebody else where a known person's address was entered beside another number.
        """
        owners: dict[str, int] = {}
        for channel in sorted(channels):
            name = address_of_channel(channel)
            consent = consent_record(
                channel,
                ConsentStatus.SUBSCRIBED,
                method=METHOD,
                detail=self.version.form.name,
                dated=self.submission.time,
            )
            record = read_profile({name: answers.identifiers[name]})._replace(consents=(consent,))
            outcome = ingest_profiles(
                account=self.account,
                records=[record],
                at=self.at,
                cause=Cause.CONSENT,
                unproven=True,
            )
            (owner,) = outcome.profile_ids
            owners[channel] = profile_id if owner is None else owner
            lift_unsubscribe(
                self.account.pk, owners[channel], channel, before=self.time, at=self.at
            )
        return owners

    def _wording(self, block: FormBlock) -> str:
        """What the visitor agreed to, word by word, in the language they saw."""
        texts = self.content.translations.get(self.language, {})
        return texts.get(f"{block.id}.wording", block.values["wording"])
