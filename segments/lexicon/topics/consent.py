"""Consent: who may be written to, on which channel, who agreed and who refused."""

from __future__ import annotations

from segments.lexicon.entries import entry
from segments.lexicon.fragments import IS_SET, consent, last
from segments.lexicon.labels import CONSENT

entry(
    "email-subscribed",
    consent("email", True, "subscribed"),
    """
    en: subscribed, subscribe, subscribes, subscriber, subscribers, subscription, subscriptions,
      opted in, opt in, opt-in, optin, opt ins, opts in, opted-in, opted in to email, email
      consent, consent, consents, consented, gave consent, has consent, agreed, agreed to
      marketing, permission, permissions, email subscribers, email subscriber, newsletter
      subscribers, signed up, sign up, signup, sign-up, email list, newsletter, newsletters, on
      newsletter, gdpr, accepts marketing, accepted marketing, marketing consent, allowed
      marketing, subscribed to email, subscribed to newsletter, explicit consent, mailing list,
      email opt in, approved marketing, is subscribed, opted in email, consent given, currently
      subscribed
    sv: prenumererar, prenumerera, prenumerant, prenumeranter, prenumeration, prenumerationer,
      prenumererat, prenumererade, samtycke, samtycken, samtyckt, samtyckte, har samtyckt, gett
      samtycke, givit samtycke, godkänt, godkänt marknadsföring, tackat ja, medgivande, medgett,
      tillstånd, opt-in, opt in, nyhetsbrevsprenumeranter, nyhetsbrev, nyhetsbrevet,
      e-postsamtycke, e-postprenumeranter, prenumererar på nyhetsbrev, gdpr,
      marknadsföringssamtycke, samtyckt till marknadsföring, anmält sig till nyhetsbrev,
      mejllista, anmäld till nyhetsbrev, tackat ja till e-post, samtycke e-post, accepterar
      marknadsföring, aktivt samtycke
    pl: subskrybent, abonent, abonenci, subskrybenci, subskrybentka, subskrybentów, subskrybuje,
      subskrybują, subskrypcja, subskrypcje, subskrypcji, subskrybował, zasubskrybował, zapisany,
      zapisani, zapisał się, zapisali się, zapisana, zapisany do newslettera, zapisani do
      newslettera, zapis, zapisy, zgoda, zgody, zgodę, zgoda marketingowa, zgody marketingowe,
      wyraził zgodę, wyrazili zgodę, zgodził się, zgodzili się, zgoda na e-mail, zgoda na
      marketing, ma zgodę, opt-in, opt in, newsletter, newslettera, newsletterze, rodo,
      pozwolenie, lista mailingowa, ze zgodą, zezwolenie, zgoda na newsletter, wyrażona zgoda
    """,
    group=CONSENT,
)

entry(
    "email-reachable",
    consent("email", True, "any"),
    """
    en: can receive email, can receive email marketing, reachable, reachable by email, can be
      emailed, can email, can be reached, mailable, emailable, can receive marketing, allowed to
      email, contactable, email marketing, email reachable, deliverable, may be emailed,
      marketing, can be contacted, marketable, may receive marketing, can get email, can we email
    sv: kan få e-post, kan få mejl, kan ta emot e-post, kan nås, nåbar, nåbara, kan nås via
      e-post, nåbar via e-post, kan mejlas, får mejlas, kan kontaktas, kontaktbar, kan få
      marknadsföring, kan ta emot marknadsföring, e-postmarknadsföring, marknadsföring, mejlbar,
      går att nå, får kontaktas, kan mailas
    pl: może otrzymywać e-mail, mogą otrzymywać e-mail, można wysłać e-mail, osiągalny, osiągalni,
      osiągalny przez e-mail, dostępny przez e-mail, można się skontaktować, może otrzymywać
      marketing, marketing e-mail, e-mail marketing, marketing, kontaktowalny, może dostawać
      e-maile, mogą otrzymywać marketing, można kontaktować
    """,
    group=CONSENT,
)

entry(
    "email-unreachable",
    consent("email", False, "any"),
    """
    en: unreachable, not reachable, cannot receive email, cannot be emailed, suppressed,
      suppression, suppressions, blocked, suppressed profiles, blacklist, blacklisted, blocklist,
      can't email, cannot receive marketing, do not email, do not contact, no marketing, excluded
      from email, cannot be reached, not mailable, can't be emailed, undeliverable addresses
    sv: kan inte få e-post, onåbar, onåbara, inte nåbar, inte nåbara, kan inte nås, undertryckt,
      undertryckta, spärrad, spärrade, spärr, spärrlista, blockerad, blockerade, svartlistad,
      svartlista, får inte mejlas, kan inte få marknadsföring, går inte att nå, stoppad, ej nåbar
    pl: nieosiągalny, nieosiągalni, nie może otrzymywać e-maili, zablokowany, zablokowani,
      wykluczony, wykluczeni, wykluczenie, czarna lista, na czarnej liście, blokada, nie można
      wysłać e-maila, nie może otrzymywać marketingu, tłumiony, nieosiągalne, stłumieni, nie
      kontaktować
    """,
    group=CONSENT,
)

entry(
    "email-unsubscribed",
    consent("email", False, "unsubscribed"),
    """
    en: unsubscribed, unsubscriber, unsubscribers, opted out, opt out, opt-out, opted-out, optout,
      unsubscribed from email, unsubscribed from newsletter, withdrew consent, withdrawn consent,
      revoked consent, no longer subscribed, left newsletter, opt outs, has unsubscribed,
      unsubscribe, unsubscribes, refused, refused marketing, removed consent, cancelled
      subscription, email unsubscribed
    sv: avregistrerad, avregistrerade, avregistrerat, avregistrera, avregistrerat sig,
      avprenumererat, avprenumererade, avprenumerera, avslutat prenumeration, avslutad
      prenumeration, tackat nej, opt-out, opt out, återkallat samtycke, dragit tillbaka samtycke,
      avanmäld, avanmält, avanmälda, avanmält sig, slutat prenumerera, sagt upp prenumeration,
      sagt upp, avregistrering, avregistreringar, nekat, avböjt, sagt nej, utträdda, inte längre
      prenumerant
    pl: wypisany, wypisani, wypisał się, wypisali się, wypisała się, wypisany z newslettera,
      zrezygnował, zrezygnowali, zrezygnowała, rezygnacja z newslettera, rezygnacja z subskrypcji,
      opt-out, opt out, wycofał zgodę, wycofali zgodę, cofnął zgodę, wycofana zgoda, anulował
      subskrypcję, wypisanie się, wypisać się, wypis, wypisy, odmówił, odsubskrybował, wypisanych,
      nie subskrybuje już
    """,
    group=CONSENT,
)

entry(
    "email-never-subscribed",
    consent("email", True, "never_subscribed"),
    """
    en: never subscribed, not subscribed, has never subscribed, no consent, not opted in, never
      opted in, without consent, no subscription, non-subscribers, non subscribers, never
      consented, not consented, did not consent, not signed up, never signed up, missing consent,
      implied consent, not yet subscribed
    sv: aldrig prenumererat, inte prenumererat, prenumererar inte, har aldrig prenumererat, inget
      samtycke, utan samtycke, aldrig samtyckt, inte samtyckt, ej samtycke, ej prenumerant, inte
      prenumerant, icke prenumeranter, saknar samtycke, ej samtyckt
    pl: nigdy nie subskrybował, nigdy nie subskrybowali, nie subskrybuje, bez zgody, brak zgody,
      nie wyraził zgody, nigdy nie wyraził zgody, niezapisany, niezapisani, nie zapisany, nie
      zapisał się, brak subskrypcji, nie zapisani
    """,
    group=CONSENT,
)

entry(
    "new-subscribers",
    consent("email", True, "subscribed", [{"field": "status_date", "filter": last(30)}]),
    """
    en: new subscribers, new subscriber, recent subscribers, recently subscribed, just subscribed,
      subscribed recently, new signups, new sign-ups, consent date, subscribed date, date of
      consent, subscription date, latest subscribers, opt-in date
    sv: nya prenumeranter, ny prenumerant, nyligen prenumererat, nyligen anmälda, samtyckesdatum,
      datum för samtycke, senaste prenumeranter, prenumererat nyligen, nyanmälda
    pl: nowi subskrybenci, nowy subskrybent, niedawno zapisani, ostatnio zapisani, data zgody,
      data zapisu, data wyrażenia zgody, świeżo zapisani, niedawno zapisał się
    """,
    group=CONSENT,
)

entry(
    "double-opt-in",
    consent(
        "email",
        True,
        "subscribed",
        [
            {
                "field": "is_double_opt_in",
                "filter": {"type": "boolean", "operator": "equals", "value": True},
            }
        ],
    ),
    """
    en: double opt-in, double opt in, double optin, doi, confirmed opt-in, confirmed email,
      confirmed subscription, confirmed, confirmed opt in
    sv: dubbel opt-in, dubbelt samtycke, dubbel bekräftelse, bekräftad prenumeration, bekräftat,
      bekräftad e-post, bekräftade
    pl: podwójny opt-in, podwójne potwierdzenie, potwierdzony e-mail, potwierdzona zgoda, podwójna
      zgoda, potwierdzony, potwierdzeni
    """,
    group=CONSENT,
)

entry(
    "sms-subscribed",
    consent("sms", True, "subscribed"),
    """
    en: sms, sms consent, sms subscribers, sms subscriber, sms subscribed, subscribed to sms,
      opted in to sms, sms opt-in, sms opt in, text consent, text subscribers, text marketing, sms
      permission, can be texted, sms marketing, can receive sms, reachable by sms, text, sms list,
      sms subscription, mobile marketing, text club, agreed to sms, sms reachable, opted in sms,
      can text
    sv: sms, sms-samtycke, smssamtycke, sms samtycke, sms-prenumeranter, smsprenumeranter,
      prenumererar på sms, samtyckt till sms, tackat ja till sms, kan få sms, kan nås via sms,
      nåbar via sms, sms-marknadsföring, sms marknadsföring, sms opt-in, sms:a, samtycke sms, sms
      prenumeranter, kan ta emot sms
    pl: sms, sms-y, smsy, zgoda na sms, zgoda sms, zgody sms, subskrybenci sms, subskrybent sms,
      zapisani na sms, może otrzymywać sms, mogą otrzymywać sms, marketing sms, osiągalny przez
      sms, zgodził się na sms, opt-in sms, lista sms, zapisany na sms
    """,
    group=CONSENT,
)

entry(
    "sms-unsubscribed",
    consent("sms", False, "unsubscribed"),
    """
    en: unsubscribed from sms, sms unsubscribed, sms opt-out, opted out of sms, sms unsubscribe,
      unsubscribed sms, stopped sms, sms opt out, texted stop
    sv: avregistrerad från sms, avprenumererat sms, tackat nej till sms, sms opt-out, avanmäld
      sms, avregistrerad sms, avanmält sms, slutat med sms
    pl: wypisany z sms, wypisani z sms, zrezygnował z sms, rezygnacja z sms, wypisał się z sms,
      opt-out sms
    """,
    group=CONSENT,
)

entry(
    "sms-unreachable",
    consent("sms", False, "any"),
    """
    en: cannot receive sms, no sms, not reachable by sms, without sms, no sms consent, not
      subscribed to sms, cannot be texted, no text consent
    sv: kan inte få sms, ej sms, inget sms, utan sms, inte nåbar via sms, inget sms-samtycke, inte
      sms
    pl: nie może otrzymywać sms, bez sms, brak sms, brak zgody na sms, bez zgody na sms
    """,
    group=CONSENT,
)

entry(
    "push-subscribed",
    consent("push", True, "any"),
    """
    en: push, push notifications, push notification, push consent, push subscribers, app push,
      mobile push, notifications, can receive push, push marketing, app notifications, web push,
      app, app users, mobile app
    sv: push, pushnotiser, push-notiser, pushnotis, notiser, pushmeddelanden, push-samtycke, kan
      få push, appnotiser, app, appanvändare, aviseringar, notis, mobilapp
    pl: push, powiadomienia push, powiadomienia, powiadomienie, zgoda na push, subskrybenci push,
      może otrzymywać push, aplikacja, użytkownicy aplikacji, notyfikacje, aplikacja mobilna
    """,
    group=CONSENT,
)

entry(
    "whatsapp",
    {
        "type": "profile-permissions",
        "channel": "whatsapp_marketing",
        "permission": {"reachable_status": "implicitly_or_explicitly_reachable"},
    },
    """
    en: whatsapp, whats app, whatsapp consent, whatsapp subscribers, can receive whatsapp,
      whatsapp marketing, reachable on whatsapp, whatsapp message
    sv: whatsapp, samtycke whatsapp, whatsapp-samtycke, kan nås på whatsapp
    pl: whatsapp, zgoda na whatsapp, zgoda whatsapp, osiągalny na whatsapp
    """,
    group=CONSENT,
)


def _suppressed(field: str) -> dict[str, object]:
    return consent("email", False, "any", [{"field": field, "filter": IS_SET}])


entry(
    "bounced-address",
    _suppressed("bounce_date"),
    """
    en: bounced address, bounced addresses, suppressed for bounce, bounced, hard bounced address,
      bounce date
    sv: studsad adress, studsande adresser, spärrad på grund av studs, studsdatum
    pl: odbity adres, odbite adresy, zablokowany po odbiciu, data odbicia
    """,
    group=CONSENT,
    weight=0.95,
)
entry(
    "suppressed-by-hand",
    _suppressed("manual_suppression_date"),
    """
    en: suppressed by hand, manually suppressed, manual suppression
    sv: manuellt spärrad, spärrad för hand, manuellt undertryckt
    pl: ręcznie zablokowany, wykluczony ręcznie, ręczne wykluczenie
    """,
    group=CONSENT,
)
entry(
    "invalid-address",
    _suppressed("invalid_email_date"),
    """
    en: invalid email, invalid address, bad email, wrong email, invalid emails, broken email,
      incorrect email, fake email
    sv: ogiltig e-post, ogiltig adress, ogiltig e-postadress, felaktig e-post, fel e-postadress,
      ogiltig mejladress, felaktig adress
    pl: nieprawidłowy e-mail, błędny e-mail, nieprawidłowy adres, błędny adres, zły adres e-mail,
      niepoprawny e-mail, nieprawidłowy adres e-mail
    """,
    group=CONSENT,
)


def _by(method: str, may: bool, subscription: str) -> dict[str, object]:
    return consent("email", may, subscription, [{"field": "method", "method": method}])


entry(
    "subscribed-by-form",
    _by("form", True, "subscribed"),
    """
    en: subscribed by form, subscribed via form, subscribed through form, consent method,
      subscription method, how they subscribed, consent source, subscribed via popup
    sv: prenumererat via formulär, samtycke via formulär, samtyckesmetod, hur de prenumererade
    pl: zapisany przez formularz, zgoda przez formularz, sposób zapisu, metoda zgody
    """,
    group=CONSENT,
)
