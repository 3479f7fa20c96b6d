"""Double opt-in: consent to e-mail that counts only after a click in a mail.

The link in the mail opens a page; only its button confirms, because mail scanners open links. The
click proves that the address is the person's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from forms_targeting.engine.circumstances import Circumstances
from forms_targeting.engine.confirmation_mail import send_confirmation
from forms_targeting.engine.consent_statements import add_proof, consent_record
from forms_targeting.models import FormSubmission, FormVersion, OptIn, ProofSource, Site
from profiles.consent_words import Channel, ConsentStatus
from profiles.ingest.parse import ProfileRecord
from profiles.ingest.store import ingest_profiles
from profiles.ingest.suppressions import lift_unsubscribe
from profiles.models import Cause, Consent, Profile
from segmenter.accounts.models import Account
from segmenter.kernel.keys import digest, new_secret

METHOD = "form"
"""How the consent was obtained, in Klaviyo's words."""
_DAY = timedelta(days=1)


def needs_confirmation(account: Account, email: str | None) -> bool:
    """Whether an address must still be confirmed: not if its person is subscribed already."""
    if email is None:
        return False
    consents = Consent.objects.filter(account=account, profile__email=email)
    return not consents.filter(
        channel=Channel.EMAIL, status=ConsentStatus.SUBSCRIBED, profile__account=account
    ).exists()


def ask_for_confirmation(
    *,
    site: Site,
    version: FormVersion,
    row: FormSubmission | None,
    email: str,
    wording: str,
    circumstances: Circumstances,
    server: str,
    at: datetime,
) -> OptIn | None:
    """Send a mail with a link that confirms; None if enough were sent.

    `row` is the submission, if a form was submitted. One for each display of a form, and
    SEGMENTER_CONFIRM_MAILS a day to one address: nobody's mailbox can be filled by typing it.
    """
    opt_ins = OptIn.objects.filter(account=site.account, email=email)
    if (
        row is not None
        and row.view is not None
        and opt_ins.filter(submission__view=row.view).exists()
    ):
        return None
    recent = opt_ins.filter(created__gt=at - _DAY, created__lte=at + _DAY).count()
    if recent >= settings.SEGMENTER_CONFIRM_MAILS:
        return None
    # Of whoever has the address: a visitor who is proven may enter somebody else's.
    result = ingest_profiles(account=site.account, records=[{"email": email}], at=at, unproven=True)
    profile_id = result.profile_ids[0]
    if profile_id is None:
        return None
    token = new_secret()
    opt_in = OptIn.objects.create(
        account=site.account,
        profile_id=profile_id,
        email=email,
        submission=row,
        version=version,
        digest=digest(token),
        wording=wording,
        language=circumstances.language,
        page=circumstances.page,
        address=circumstances.address,
        user_agent=circumstances.user_agent,
        created=at,
        expires=at + timedelta(days=settings.SEGMENTER_CONFIRM_DAYS),
    )
    address = server + reverse("forms_targeting:confirm", args=[token])
    send_confirmation(site, opt_in, address=address, server=server, at=at)
    return opt_in


def find_opt_in(token: str, at: datetime) -> OptIn | None:
    """Return the opt-in of a link that still confirms; None for every other text."""
    opt_in = (
        OptIn.objects.select_related("account", "version__form__list", "version__variant")
        .filter(digest=digest(token))
        .first()
    )
    if opt_in is None or opt_in.expires <= at:
        return None
    return opt_in if _person_of(opt_in) is not None else None


def confirm(opt_in: OptIn, *, circumstances: Circumstances, at: datetime) -> int | None:
    """Store the consent of a confirmed address; return the person, None if it has changed.

    A second time changes nothing: a later unsubscription stays.
    """
    account = opt_in.account
    with transaction.atomic():
        locked = OptIn.objects.select_for_update().filter(pk=opt_in.pk).first()
        person = None if locked is None else _person_of(locked)
        if locked is None or person is None:
            return None
        if locked.confirmed is not None:
            return person.pk
        form = opt_in.version.form
        consent = consent_record(
            Channel.EMAIL,
            ConsentStatus.SUBSCRIBED,
            method=METHOD,
            detail=form.name,
            is_double_opt_in=True,
            dated=at,
        )
        lists = () if form.list is None else ((form.list.name, at),)
        record = ProfileRecord(person.pk, {}, consents=(consent,), lists=lists)
        ingest_profiles(account=account, records=[record], at=at, cause=Cause.CONSENT)
        lift_unsubscribe(account.pk, person.pk, Channel.EMAIL, before=at, at=at)
        add_proof(
            account=account,
            profile_id=person.pk,
            channel=Channel.EMAIL,
            status=ConsentStatus.SUBSCRIBED,
            source=ProofSource.CONFIRMATION,
            version=opt_in.version,
            wording=opt_in.wording,
            circumstances=circumstances,
            at=at,
        )
        locked.confirmed = at
        locked.save(update_fields=["confirmed"])
    return person.pk


def _person_of(opt_in: OptIn) -> Profile | None:
    """The person, as long as the address that was asked is theirs."""
    return Profile.objects.filter(
        account_id=opt_in.account_id, pk=opt_in.profile_id, email=opt_in.email
    ).first()
