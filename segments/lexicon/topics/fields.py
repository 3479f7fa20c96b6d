"""The fields that every person has: name, address, phone number, dates."""

from __future__ import annotations

from segments.lexicon.entries import entry
from segments.lexicon.fragments import (
    CITY,
    COUNTRY,
    IS_SET,
    NOT_SET,
    REGION,
    about,
    ago,
    last,
)
from segments.lexicon.labels import ABOUT

entry(
    "email-address",
    about("email", IS_SET),
    """
    en: email, emails, e-mail, mail, email address, e-mail address, has email, has an email, has
      email address, mail address, known email, email known, email domain, domain, gmail, with
      email, email is set
    sv: e-post, mejl, mail, e-postadress, e-postadresser, mejladress, mailadress, har e-post, har
      mejl, har e-postadress, e-postdomän, domän, med e-post, gmail
    pl: e-mail, email, mail, e-maile, maile, adres e-mail, adres email, adresy e-mail, ma e-mail,
      ma adres e-mail, posiada e-mail, domena, domena e-mail, gmail, z e-mailem
    """,
    group=ABOUT,
)
entry(
    "no-email-address",
    about("email", NOT_SET),
    """
    en: no email, no email address, without email, missing email, email missing, lacks email,
      email not set, has no email
    sv: ingen e-post, utan e-post, saknar e-post, ingen e-postadress, utan mejl, saknar mejl, utan
      e-postadress
    pl: bez e-maila, brak e-maila, brak adresu e-mail, bez adresu e-mail, nie ma e-maila
    """,
    group=ABOUT,
)
entry(
    "phone",
    about("phone_number", IS_SET),
    """
    en: phone number, phone, phones, telephone, mobile, mobile number, mobile phone, cell, cell
      phone, cellphone, has phone, has phone number, has a phone number, tel, phone known, number,
      with phone, area code, country code, phone country, calling code
    sv: telefonnummer, telefon, telefoner, mobil, mobilnummer, mobiltelefon, har telefon, har
      telefonnummer, nummer, telnr, med telefon, riktnummer, landskod
    pl: numer telefonu, telefon, telefonu, telefony, komórka, numer komórkowy, telefon komórkowy,
      ma telefon, ma numer telefonu, posiada telefon, numer, z telefonem, kierunkowy
    """,
    group=ABOUT,
)
entry(
    "no-phone",
    about("phone_number", NOT_SET),
    """
    en: no phone, no phone number, without phone, missing phone, without phone number, phone
      missing, phone not set
    sv: ingen telefon, utan telefon, saknar telefon, inget telefonnummer, utan telefonnummer,
      saknar telefonnummer
    pl: bez telefonu, brak telefonu, brak numeru telefonu, bez numeru telefonu, nie ma telefonu
    """,
    group=ABOUT,
)
entry(
    "first-name",
    about("first_name"),
    """
    en: first name, firstname, given name, name, names, forename, christian name, called, full
      name
    sv: förnamn, namn, förnamnet, tilltalsnamn, heter, fullständigt namn
    pl: imię, imienia, imiona, imie, nazwa, imię i nazwisko, o imieniu
    """,
    group=ABOUT,
)
entry(
    "last-name",
    about("last_name"),
    """
    en: last name, lastname, surname, family name
    sv: efternamn, efternamnet, släktnamn, familjenamn
    pl: nazwisko, nazwiska, nazwiskiem
    """,
    group=ABOUT,
)
entry(
    "organization",
    about("organization"),
    """
    en: organization, organisation, company, companies, business, businesses, employer, firm, b2b,
      corporate, company name, workplace, business customers
    sv: organisation, organisationer, företag, företaget, företagskunder, bolag, arbetsgivare,
      firma, b2b, företagsnamn, arbetsplats
    pl: organizacja, organizacje, firma, firmy, firmę, przedsiębiorstwo, spółka, pracodawca, b2b,
      nazwa firmy, klienci biznesowi, miejsce pracy
    """,
    group=ABOUT,
)
entry(
    "job-title",
    about("title"),
    """
    en: title, job title, job, position, occupation, profession, job role, career, work
    sv: titel, jobbtitel, yrke, yrkestitel, befattning, jobb, sysselsättning, tjänst, arbete
    pl: tytuł, stanowisko, zawód, stanowiska, praca, profesja, tytuł zawodowy
    """,
    group=ABOUT,
)
entry(
    "locale",
    about("locale"),
    """
    en: locale, language, languages, lang, speaks, speaking, preferred language, mother tongue,
      tongue, native language, browser language
    sv: språk, språket, språkinställning, pratar, talar, modersmål, föredraget språk, språkval,
      lokalisering
    pl: język, języki, języka, językiem, mówi, mówi po, preferowany język, lokalizacja językowa,
      ustawienia regionalne, w języku
    """,
    group=ABOUT,
)
entry(
    "external-id",
    about("external_id"),
    """
    en: external id, customer number, customer id, id, user id, client id, crm id, external
      identifier, client number, account id, account number
    sv: externt id, kundnummer, kund-id, kundid, id, användar-id, extern identifierare, kundnr
    pl: identyfikator zewnętrzny, numer klienta, id klienta, identyfikator, id, zewnętrzne id,
      identyfikator klienta
    """,
    group=ABOUT,
)
entry(
    "anonymous-id",
    about("anonymous_id"),
    """
    en: anonymous id, anonymous, cookie id, anonymous visitors, cookie
    sv: anonymt id, anonym, anonyma, anonyma besökare
    pl: anonimowy identyfikator, anonimowy, anonimowi, anonimowe id
    """,
    group=ABOUT,
)
entry(
    "image",
    about("image"),
    """
    en: image, picture, photo, avatar, profile picture
    sv: bild, foto, profilbild, avatar
    pl: obraz, zdjęcie, zdjęcie profilowe, awatar, obrazek
    """,
    group=ABOUT,
)
entry(
    "created",
    about("created", last(30)),
    """
    en: date of creation, created, creation date, date created, profile created, date added, added
      date, first seen, new people, new profiles, new profile, new contacts, new, newest, joined,
      join date, date joined, registration date, registered since, customer since, member since,
      since when, newcomers, newly added, new leads, added recently, account created, signup date,
      signed up date, tenure, recently created, became customer, newbie
    sv: skapad, skapades, skapat, skapandedatum, datum skapad, profil skapad, tillagd, tillagda,
      först sedd, nya, ny, nya personer, nya profiler, nya kontakter, registreringsdatum, kund
      sedan, medlem sedan, gick med, nytillkomna, nyast, nyaste, tillkom, blev kund, nya leads,
      startdatum
    pl: data utworzenia, utworzony, utworzono, utworzeni, profil utworzony, data dodania, dodany,
      dodani, nowy, nowi, nowe, nowe osoby, nowe profile, nowe kontakty, data rejestracji, klient
      od, członek od, dołączył, dołączyli, pierwszy raz widziany, kiedy dołączył, najnowsi, nowo
      dodani
    """,
    group=ABOUT,
)
entry(
    "updated",
    about("updated", last(30)),
    """
    en: date of the last update, updated, last updated, profile updated, modified, changed, last
      change, last modified, update date, recently updated, recently changed
    sv: uppdaterad, uppdaterat, senast uppdaterad, ändrad, ändrat, senast ändrad, profil
      uppdaterad, senaste uppdatering
    pl: zaktualizowany, zaktualizowano, ostatnia aktualizacja, aktualizacja, zmieniony, data
      aktualizacji, ostatnia zmiana, zmodyfikowany, ostatnio zmieniony
    """,
    group=ABOUT,
)
entry(
    "first-active",
    about("first_active", last(30)),
    """
    en: date of the first activity, first active, first activity, first visit, first event, first
      interaction, first seen on site, first time active, first time visitors
    sv: första aktivitet, första aktiviteten, först aktiv, första besök, första besöket, första
      händelse, förstagångsbesökare
    pl: pierwsza aktywność, data pierwszej aktywności, pierwsza wizyta, pierwsze zdarzenie, po raz
      pierwszy aktywny
    """,
    group=ABOUT,
)
entry(
    "last-active",
    about("last_active", last(30)),
    """
    en: date of the last activity, last active, last activity, last seen, last visit, last event,
      last event date, most recent activity, recent activity, recently active, last interaction,
      latest activity, last engagement, last touch, last time active, active recently, active
      people, active users, active profiles, last online
    sv: senaste aktivitet, senaste aktiviteten, senast aktiv, senast sedd, senaste besök, senaste
      besöket, senaste händelse, sista aktivitet, nyligen aktiv, nyligen aktiva, aktiva personer,
      senaste interaktion, senast inne, aktiva profiler, aktiva användare
    pl: ostatnia aktywność, data ostatniej aktywności, ostatnio aktywny, ostatnio aktywni,
      ostatnia wizyta, ostatnio widziany, ostatnie zdarzenie, niedawno aktywny, niedawna
      aktywność, ostatnia interakcja, aktywne osoby, aktywni użytkownicy, aktywne profile
    """,
    group=ABOUT,
)
entry(
    "not-active-recently",
    about("last_active", ago(90)),
    """
    en: last seen long ago, last active long ago, long inactive, no longer active
    sv: inte aktiv på länge, senast aktiv för länge sedan, länge inaktiv
    pl: dawno nieaktywny, dawno niewidziany, dawno nie był aktywny
    """,
    group=ABOUT,
    weight=0.97,
)

entry(
    "city",
    about(CITY),
    """
    en: city, cities, town, towns, place, village, hometown, home town, city name, location,
      located, lives in city, municipality, where they live, where someone lives, locality,
      location city
    sv: stad, städer, staden, ort, orter, orten, postort, hemort, bostadsort, plats, kommun, bor i
      stad, var de bor, var någon bor, by, tätort
    pl: miasto, miasta, miast, miejscowość, miejscowości, miejsce, miejsce zamieszkania, mieszka w
      mieście, gmina, lokalizacja, gdzie mieszka, miasteczko, położenie, w mieście
    """,
    group=ABOUT,
)
entry(
    "region",
    about(REGION),
    """
    en: region, regions, state, states, province, provinces, county, counties, us state, district,
      canton, prefecture, area, territory
    sv: region, regioner, län, landskap, delstat, delstater, område, provins, län eller region,
      distrikt, landsdel
    pl: region, regiony, województwo, województwa, stan, stany, prowincja, powiat, obszar, kanton,
      dzielnica, okręg
    """,
    group=ABOUT,
)
entry(
    "country",
    about(COUNTRY),
    """
    en: country, countries, nation, nationality, market, markets, lives in, live in, living in,
      from country, based in, resides, residence, lives, country of residence, geography, geo,
      international, foreign, abroad, domestic
    sv: land, länder, landet, marknad, marknader, bor i, bor, boende i, hemland, nationalitet,
      bosatt, utomlands, utland, inhemska
    pl: kraj, kraje, kraju, krajów, państwo, państwa, rynek, rynki, mieszka w, mieszkają w,
      mieszka, mieszkają, mieszkaniec, mieszkańcy, narodowość, kraj zamieszkania, zagranica, za
      granicą
    """,
    group=ABOUT,
)
entry(
    "postcode",
    about("location['zip']"),
    """
    en: postcode, post code, zip, zip code, zipcode, zips, postal code, postal, postcodes, postal
      codes, zip codes
    sv: postnummer, postnumret, postnr, postkod
    pl: kod pocztowy, kodu pocztowego, kody pocztowe, kod, kod zip
    """,
    group=ABOUT,
)
entry(
    "address",
    about("location['address1']"),
    """
    en: address, street, street address, home address, postal address, delivery address, shipping
      address, has address, addresses, billing address
    sv: adress, gata, gatuadress, adresser, hemadress, postadress, leveransadress, boendeadress
    pl: adres, ulica, adresy, adres domowy, adres zamieszkania, adres dostawy, ulicy, adresu
    """,
    group=ABOUT,
)
entry(
    "address2",
    about("location['address2']"),
    """
    en: second line of the address, address line 2, apartment, flat
    sv: adressrad 2, lägenhet, andra adressraden, lägenhetsnummer
    pl: druga linia adresu, mieszkanie, numer mieszkania
    """,
    group=ABOUT,
)
entry(
    "time-zone",
    about("location['timezone']"),
    """
    en: time zone, timezone, timezones, time zones, tz, local time
    sv: tidszon, tidszoner, tidszonen, lokal tid
    pl: strefa czasowa, strefy czasowe, strefę czasową, czas lokalny, strefa
    """,
    group=ABOUT,
)
entry(
    "latitude",
    about("location['latitude']"),
    """
    en: latitude, lat
    sv: latitud, breddgrad
    pl: szerokość geograficzna, szerokość
    """,
    group=ABOUT,
)
entry(
    "longitude",
    about("location['longitude']"),
    """
    en: longitude, lng, lon
    sv: longitud, längdgrad
    pl: długość geograficzna, długość
    """,
    group=ABOUT,
)
