"""E-mail, text messages and push: received, opened, clicked, bounced, and engagement."""

from __future__ import annotations

from segments.lexicon.entries import entry
from segments.lexicon.fragments import at_least, done, last, never, number, share
from segments.lexicon.labels import DONE

_CAMPAIGN = "Campaign Name"

entry(
    "opened-email",
    done("Opened Email"),
    """
    en: opened email, open, opens, opened, opening, opener, openers, email opened, email open,
      email opens, opened mail, opened an email, opened emails, opened message, opened campaign,
      opened newsletter, read email, read, reads, reading, reader, readers, email readers, email
      openers, opened a campaign, campaign opens, campaign opened, has opened, mail open, read
      newsletter, viewed email, email activity, email behaviour, apple privacy open
    sv: öppnat e-post, öppnat mejl, öppnat mail, öppnade e-post, öppnat, öppnade, öppnar, öppna,
      öppning, öppningar, öppnad, öppnare, läst, läste, läser, läsa, läsare, läst mejl, läst
      e-post, läst mail, läst nyhetsbrev, öppnat nyhetsbrev, öppnat kampanj, öppnat utskick,
      öppnade mejl, öppnade mail, e-post öppnad, mejl öppnat, mailöppning, har öppnat
    pl: otworzył e-mail, otworzył email, otworzyła e-mail, otworzyli e-mail, otworzył, otworzyła,
      otworzyli, otwarty e-mail, otwarte e-maile, otwarto, otwarte, otwarty, otwarcie, otwarcia,
      otwarć, otwiera, otwierał, otwierają, otwierali, otworzyć, otworzył wiadomość, przeczytał,
      przeczytali, przeczytana, czytał, czyta, czytają, czytelnik, czytelnicy, otwarty mail,
      otworzył newsletter, otworzył kampanię, otwarcie e-maila, otwarcie maila, przeczytał e-mail
    """,
    group=DONE,
    metrics=("Opened Email",),
)

entry(
    "clicked-email",
    done("Clicked Email"),
    """
    en: clicked email, click, clicks, clicked, clicking, clicker, clickers, clicked link, email
      click, email clicks, email clicked, clicked in email, clicked a link, clicked an email,
      link, links, link clicked, link click, clicked mail, clicked newsletter, clicked campaign,
      tapped, clicked through, click through, clickthrough, clicked emails, has clicked,
      click-through, followed link, call to action, cta
    sv: klickat i e-post, klickat på e-post, klickat i mejl, klickat i mail, klickat, klickade,
      klickar, klicka, klick, klickare, klickat på länk, klickade på länk, länk, länkar,
      länkklick, klickat i nyhetsbrev, klickat på kampanj, klickat länk, mejlklick, mailklick,
      e-postklick, klickade i e-post, klickade i mejl, har klickat, klickat i utskick
    pl: kliknął e-mail, kliknął w e-mail, kliknęła, kliknęli, kliknął, klikał, klikali,
      kliknięcie, kliknięcia, kliknięć, kliknięty, klika, klikają, kliknięto, kliknąć, klik,
      kliknął link, kliknął w link, link, linki, kliknięty e-mail, kliknął w newsletter, kliknięty
      link, klikający, kliknął w kampanię, kliknięcie w e-mail, kliknął email, kliknęli w e-mail
    """,
    group=DONE,
    metrics=("Clicked Email",),
)

entry(
    "received-email",
    done("Received Email"),
    """
    en: received email, received, receive, receives, receiving, got email, got an email, sent
      email, sent, delivered, delivered email, email received, email sent, email delivered, was
      sent, were sent, recipient, recipients, mailing, mailings, mailed, campaign, campaigns,
      campaign received, received campaign, got campaign, emailed, received newsletter, received a
      campaign, campaign name, email campaign, flow, flows, automation, message, messages,
      subject, subject line, sends, received message, newsletter sent, broadcast
    sv: fått e-post, fått mejl, fått mail, fick e-post, fick mejl, fick mail, fått, fick,
      mottagit, mottagit e-post, mottog, mottagen, mottagna, mottagare, skickat e-post, skickat
      mejl, skickat, skickade, skickad e-post, levererat mejl, levererad e-post, utskick,
      utskicket, utskicken, kampanj, kampanjer, kampanjen, kampanjnamn, fått utskick, fått
      kampanj, fått nyhetsbrev, mejlat, mailat, meddelande, meddelanden, flöde, flöden, ämnesrad,
      mejlen, e-postkampanj, mailutskick, mejlutskick
    pl: otrzymał e-mail, otrzymał email, otrzymała, otrzymali, otrzymał, otrzymany e-mail, dostał,
      dostali, dostała, dostał e-mail, dostał maila, wysłano e-mail, wysłano, wysłany e-mail,
      wysłane, dostarczono e-mail, dostarczony e-mail, odbiorca, odbiorcy, odbiorców, wysyłka
      e-mail, mailing, mailingi, kampania, kampanie, kampanii, kampanię, otrzymał kampanię, nazwa
      kampanii, wiadomość, wiadomości, temat, tytuł wiadomości, otrzymał wiadomość, otrzymał
      newsletter, automatyzacja, odebrał
    """,
    group=DONE,
    metrics=("Received Email",),
)

entry(
    "bounced-email",
    done("Bounced Email"),
    """
    en: bounced email, bounce, bounces, bounced, bouncing, hard bounce, soft bounce, hard bounced,
      soft bounced, email bounced, email bounce, undeliverable, undelivered, not delivered,
      delivery failed, failed delivery, returned email, mailbox full, could not deliver
    sv: studsad e-post, studs, studsar, studsat, studsade, studsade mejl, studsat mejl, hård
      studs, mjuk studs, hårdstuds, mjukstuds, ej levererad, inte levererad, olevererad,
      olevererade, misslyckad leverans, bounce, bounces, går inte fram, kom inte fram, studsa,
      studsad
    pl: odbity e-mail, odbite e-maile, odbicie, odbicia, odbić, odbił się, odbity, odbite, odbiło
      się, twarde odbicie, miękkie odbicie, niedostarczony, niedostarczone, niedostarczono, nie
      dostarczono, bounce, zwrotka, zwrotki, odbicie twarde, odbicie miękkie, odrzucony e-mail
    """,
    group=DONE,
    metrics=("Bounced Email",),
)

entry(
    "spam",
    done("Marked Email as Spam"),
    """
    en: marked email as spam, spam, spam complaint, spam complaints, marked as spam, reported
      spam, complained, complaint, complaints, complainers, junk, spam report, marked spam, report
      spam, reported as spam, spammed, marks as spam, junk mail, abuse report
    sv: markerat som skräppost, markerade som skräppost, skräppost, skräppostanmälan, spam,
      spamat, anmält som spam, markerat som spam, klagomål, klagat, spamklagomål, spamanmälan,
      skräp, anmält skräppost, spammarkerat, rapporterat spam
    pl: oznaczył jako spam, oznaczyli jako spam, oznaczono jako spam, spam, spamu, zgłosił spam,
      zgłoszenie spamu, zgłosił jako spam, skarga, skargi, skarga na spam, spamem, niechciana
      poczta, oznaczone jako spam, zgłoszono spam
    """,
    group=DONE,
    metrics=("Marked Email as Spam",),
)

entry(
    "unsubscribed-metric",
    done("Unsubscribed"),
    """
    en: unsubscribed from email, unsubscribe, unsubscribes, unsubscribing, unsubscription, clicked
      unsubscribe, unsubscribed event, unsubscribe event
    sv: avregistrering, avprenumeration, avregistrerade sig, avslutat prenumeration
    pl: wypisanie, rezygnacja, wypisanie z newslettera
    """,
    group=DONE,
    metrics=("Unsubscribed",),
    weight=0.9,
)

entry(
    "received-sms",
    done("Received SMS"),
    """
    en: received sms, got sms, sent sms, sms received, sms sent, received text, received a text,
      got a text, text message, text messages, texted, texts, sms message, sms campaign, texting,
      received text message, sms messages, delivered sms
    sv: fått sms, fick sms, mottagit sms, skickat sms, sms mottaget, textmeddelande,
      textmeddelanden, sms-meddelande, sms-utskick, smsat, mottog sms, sms-kampanj, sms utskick
    pl: otrzymał sms, otrzymali sms, dostał sms, dostali sms, wysłano sms, wiadomość sms,
      wiadomości sms, otrzymany sms, sms otrzymany, esemes, kampania sms, dostał sms-a, otrzymał
      smsa
    """,
    group=DONE,
    metrics=("Received SMS",),
)

entry(
    "clicked-sms",
    done("Clicked SMS"),
    """
    en: clicked sms, sms click, sms clicks, clicked text, clicked in sms, clicked text message,
      sms clicked, clicked a text, sms link
    sv: klickat i sms, klickat på sms, klickade i sms, sms-klick, klickat sms, smsklick, sms klick
    pl: kliknął sms, kliknął w sms, kliknęli w sms, kliknięcie sms, kliknięty sms, kliknięcia w
      sms
    """,
    group=DONE,
    metrics=("Clicked SMS",),
)

entry(
    "received-push",
    done("Received Push"),
    """
    en: received push, push received, got push
    sv: fått push, mottagit push
    pl: otrzymał push, dostał push
    """,
    group=DONE,
    metrics=("Received Push",),
)
entry(
    "opened-push",
    done("Opened Push"),
    """
    en: opened push, push opened, clicked push
    sv: öppnat push, klickat på push
    pl: otworzył push, kliknął push
    """,
    group=DONE,
    metrics=("Opened Push",),
)

entry(
    "engaged",
    done("Opened Email", when=last(90)),
    """
    en: engaged, engagement, engaged subscribers, engaged people, active subscribers, active
      readers, recently opened, recent openers, opened recently, email engagement, engaged users,
      engaged profiles, engages, active in email, highly engaged, most engaged, interacted,
      interaction, interactions, email engaged, responsive
    sv: engagerad, engagerade, engagemang, engagerade prenumeranter, aktiva prenumeranter, aktiva
      läsare, nyligen öppnat, öppnat nyligen, aktiva mottagare, mest engagerade, interagerat,
      interaktion, e-postengagemang
    pl: zaangażowany, zaangażowani, zaangażowana, zaangażowanie, zaangażowani odbiorcy, aktywni
      subskrybenci, aktywni odbiorcy, aktywni czytelnicy, ostatnio otworzył, ostatnio otworzyli,
      niedawno otworzył, interakcja, interakcje, najbardziej zaangażowani
    """,
    group=DONE,
    metrics=("Opened Email",),
)

entry(
    "unengaged",
    never("Opened Email", last(90)),
    """
    en: unengaged, disengaged, not engaged, unengaged subscribers, non-openers, non openers, not
      opened, has not opened, inactive subscribers, sunset, no opens, did not open,
      low engagement, cold subscribers, cold, unopened, not opening, stopped opening, zero
      engagement, sleepers, ignores email, haven't opened, ignored, sunsetting
    sv: oengagerad, oengagerade, inte engagerad, inte engagerade, ej öppnat, inte öppnat, har
      inte öppnat, öppnar inte, inaktiva prenumeranter, oöppnat, oöppnade, inga
      öppningar, lågt engagemang, slutat öppna, kalla prenumeranter
    pl: niezaangażowany, niezaangażowani, nie otworzył, nie otworzyli,
      nieaktywni subskrybenci, nie otwiera, nie otwierają, brak otwarć, brak zaangażowania, bez
      otwarć, niskie zaangażowanie, nieotwarte, nie czyta, przestał otwierać
    """,
    group=DONE,
    metrics=("Opened Email",),
)

entry(
    "never-opened",
    never("Opened Email"),
    """
    en: never opened, has never opened, never opened an email
    sv: aldrig öppnat, har aldrig öppnat, aldrig öppnat mejl
    pl: nigdy nie otworzył, nigdy nie otworzyli, nigdy nie otworzyła
    """,
    group=DONE,
    metrics=("Opened Email",),
)

entry(
    "never-clicked",
    never("Clicked Email"),
    """
    en: never clicked, has never clicked, never clicked an email
    sv: aldrig klickat, har aldrig klickat, aldrig klickat i mejl
    pl: nigdy nie kliknął, nigdy nie kliknęli, nigdy nie kliknęła
    """,
    group=DONE,
    metrics=("Clicked Email",),
)

entry(
    "not-clicked",
    never("Clicked Email", last(90)),
    """
    en: not clicked, no clicks, has not clicked, did not click, non-clickers, non
      clickers
    sv: inte klickat, inga klick, ej klickat, har inte klickat
    pl: nie kliknął, nie kliknęli, brak kliknięć, bez kliknięć
    """,
    group=DONE,
    metrics=("Clicked Email",),
)

entry(
    "open-rate",
    share("Opened Email", "Received Email", at_least(0.5), _CAMPAIGN, last(90)),
    """
    en: open rate, opening rate, share of opens, percent opened, most emails, opened most emails,
      opens most
    sv: öppningsgrad, öppningsfrekvens, andel öppnade, öppnat de flesta mejl
    pl: wskaźnik otwarć, współczynnik otwarć, odsetek otwarć, procent otwarć, otworzył większość
    """,
    group=DONE,
    metrics=("Opened Email", "Received Email"),
)

entry(
    "opened-everything",
    share("Opened Email", "Received Email", number("equals", 1), _CAMPAIGN, last(1, "month")),
    """
    en: opened every email, opens every email, opened all emails, opens all emails, opened all,
      opened everything, opens everything, opened every newsletter, opened each email, opened every
      campaign, opened all campaigns, opened all newsletters
    sv: öppnat varje mejl, öppnat alla mejl, öppnar alla mejl, öppnat alla, öppnar varje mejl,
      öppnat alla nyhetsbrev, öppnat varje e-post, öppnar allt, öppnat allt, öppnat varje utskick,
      öppnat alla utskick
    pl: otworzył każdy e-mail, otworzył wszystkie e-maile, otwiera wszystkie, otwiera każdy e-mail,
      otworzył wszystkie, otworzyli każdy e-mail, otworzyli wszystkie e-maile, otworzyli wszystkie
    """,
    group=DONE,
    metrics=("Opened Email", "Received Email"),
)

entry(
    "click-rate",
    share("Clicked Email", "Received Email", at_least(0.1), _CAMPAIGN, last(90)),
    """
    en: click rate, click-through rate, ctr, share of clicks, percent clicked
    sv: klickfrekvens, klickgrad, andel klick, ctr, klickprocent
    pl: wskaźnik kliknięć, współczynnik kliknięć, ctr, klikalność, odsetek kliknięć
    """,
    group=DONE,
    metrics=("Clicked Email", "Received Email"),
)

entry(
    "conversion-rate",
    share("Placed Order", "Active on Site", at_least(0.1), "", last(365)),
    """
    en: conversion rate, purchase rate, buying rate
    sv: konverteringsgrad, konverteringsfrekvens, köpgrad
    pl: współczynnik konwersji, wskaźnik konwersji
    """,
    group=DONE,
    metrics=("Placed Order", "Active on Site"),
)
