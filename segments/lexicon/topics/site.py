"""What people do on the shop's site: visits, views, cart, checkout, forms, searches."""

from __future__ import annotations

from segments.lexicon.entries import entry
from segments.lexicon.fragments import done, last, never
from segments.lexicon.labels import DONE

entry(
    "active-on-site",
    done("Active on Site"),
    """
    en: active on site, visit, visits, visited, visiting, visitor, visitors, visited site, visited
      website, site visit, site visits, website, website visit, site, web, page, pages, page view,
      page views, pageview, pageviews, viewed page, viewed a page, page visited, session,
      sessions, came to site, on site, online, browse, browsed, browsing, browses, traffic, web
      activity, url, landing page, homepage, home page, webpage, visited page, logged in, was on
      site, site activity, web visitors, store visit online, device, active online, active, mobile
      device
    sv: aktiv på webbplatsen, aktiv på sajten, aktiv på sidan, besök, besökt, besökte, besöka,
      besökare, besöker, besökt sajten, besökt webbplatsen, besökt sidan, besökte webbplatsen,
      webbplats, webbplatsen, hemsida, hemsidan, sajt, sajten, webbsida, sida, sidor, sidvisning,
      sidvisningar, surfat, surfar, surfade, surfa, session, sessioner, trafik, inloggad, varit
      inne på sidan, webbesök, landningssida, startsida, url, var på sajten, enhet, aktiv, aktiva
    pl: aktywny na stronie, aktywni na stronie, odwiedził, odwiedziła, odwiedzili, odwiedzić,
      odwiedzający, odwiedziny, odwiedził stronę, odwiedzili stronę, wizyta, wizyty, wizyt,
      strona, strony, strona internetowa, witryna, witryny, wejścia na stronę, wszedł na stronę,
      był na stronie, byli na stronie, odsłona, odsłony, sesja, sesje, ruch na stronie, przeglądał
      stronę, strona główna, landing page, url, zalogowany, urządzenie, aktywność na stronie,
      aktywni, aktywny, przeglądanie
    """,
    group=DONE,
    metrics=("Active on Site",),
)

entry(
    "inactive",
    never("Active on Site", last(90)),
    """
    en: inactive, not active, inactive people, inactive users, dormant, sleeping, inactivity, not
      visited, no visits, no visit, not visited recently, haven't visited, has not visited, no
      activity, no recent activity, asleep, quiet, silent, dead, idle, stale, passive, not seen
      recently, not active recently, has not been active, no site visits
    sv: inaktiv, inaktiva, inaktivitet, inte aktiv, inte aktiva, ej aktiv, ej aktiva, vilande,
      sovande, inte besökt, inga besök, ingen aktivitet, inte besökt nyligen, passiv, passiva,
      tyst, tysta, slumrande, inte varit inne, har inte besökt, inte setts till
    pl: nieaktywny, nieaktywna, nieaktywni, nieaktywne, brak aktywności, bez aktywności, nie
      aktywny, uśpiony, uśpieni, nie odwiedził, nie odwiedzili, nie odwiedził strony, bez wizyt,
      brak wizyt, bierny, bierni, pasywni, pasywny, niewidziany, nieaktywność, śpiący
    """,
    group=DONE,
    metrics=("Active on Site",),
)

entry(
    "viewed-product",
    done("Viewed Product"),
    """
    en: viewed product, view, views, viewed, viewing, product view, product views, product page,
      looked at product, looked at, looked at products, looked, seen product, saw product, saw,
      interested in product, browsed product, browsed products, product viewed, viewed item,
      product interest, interested in, browsed category, viewed category, wishlist, wish list,
      product detail page, checked out product, clicked product, viewed products
    sv: tittat på produkt, tittade på produkt, tittat, tittade, tittar, titta, visad produkt,
      visat produkt, visade produkt, visning, visningar, visade, sett produkt, såg produkt, såg,
      sett, kollat på, kollade, kollat, produktvisning, produktvisningar, produktsida, intresserad
      av produkt, intresserade av, kikat, kikade, kikat på, tittat på varor, önskelista, visat
      intresse, granskat produkt
    pl: wyświetlony produkt, wyświetlił produkt, obejrzany produkt, obejrzał, obejrzała,
      obejrzeli, obejrzał produkt, oglądał, oglądała, oglądali, oglądane, oglądany produkt,
      oglądał produkt, oglądali produkt, oglądane produkty, przeglądał, przeglądali, przeglądał
      produkty, przeglądane produkty, widział produkt, zobaczył produkt, wyświetlenie produktu,
      wyświetlenia, wyświetlił, wyświetlenie, strona produktu, zainteresowani produktem, zobaczył,
      lista życzeń
    """,
    group=DONE,
    metrics=("Viewed Product",),
)

entry(
    "added-to-cart",
    done("Added to Cart"),
    """
    en: added to cart, add to cart, adds to cart, cart, carts, basket, shopping cart, shopping
      bag, bag, added, added to basket, added to bag, put in cart, in cart, in basket, cart added,
      added product, added item, product added, trolley, shopping basket, items in cart, has cart
    sv: lagt i varukorg, lagt i varukorgen, lade i varukorgen, lägg i varukorg, lägga i varukorg,
      varukorg, varukorgen, varukorgar, kundvagn, kundvagnen, kundkorg, korg, korgen, lagt i
      kundvagn, lagt i kundvagnen, tillagd i varukorg, lagt till produkt, lägga till i varukorg, i
      varukorgen, lagt till, lägger i varukorgen, shoppingkorg
    pl: dodał do koszyka, dodała do koszyka, dodali do koszyka, dodano do koszyka, dodane do
      koszyka, dodać do koszyka, dodaje do koszyka, koszyk, koszyka, koszyku, koszyki, w koszyku,
      włożył do koszyka, dodał produkt, dodany produkt, dodanie do koszyka, ma w koszyku, wózek
    """,
    group=DONE,
    metrics=("Added to Cart",),
)

entry(
    "started-checkout",
    done("Started Checkout"),
    """
    en: started checkout, checkout, checkouts, checkout started, began checkout, begin checkout,
      initiated checkout, reached checkout, checking out, start checkout, started order, went to
      checkout, at checkout, payment page, started payment, entered checkout
    sv: påbörjad kassa, påbörjat kassan, påbörjade kassan, startat kassan, gått till kassan, gick
      till kassan, kassa, kassan, utcheckning, checkout, påbörjat köp, påbörjade köp, påbörjat
      beställning, till kassan, betalsida, checka ut, börjat köpa
    pl: rozpoczął zamówienie, rozpoczęte zamówienie, rozpoczął zakup, rozpoczęli zamówienie,
      rozpoczęcie zamówienia, przeszedł do kasy, przejście do kasy, kasa, kasy, kasie, checkout,
      finalizacja, finalizacja zamówienia, rozpoczął płatność, rozpoczął finalizację, do kasy,
      zaczął zamówienie, rozpoczęto zakup, zaczął kupować
    """,
    group=DONE,
    metrics=("Started Checkout",),
)

entry(
    "submitted-form",
    done("Submitted Form"),
    """
    en: submitted form, form, forms, submit, submitted, submits, submission, submissions, signup
      form, sign-up form, sign up form, filled in form, filled out form, filled in a form,
      completed form, form submission, form submitted, form fill, quiz, survey, contact form,
      registration, registered, register, popup, pop-up, pop up, filled form, answered survey,
      took quiz, registration form, registered for event, registered for, webform, entered
      competition, competition, contest, giveaway, signed up for event, event registration,
      questionnaire
    sv: skickat formulär, skickade formulär, fyllt i formulär, fyllde i formulär, formulär,
      formuläret, anmälningsformulär, anmält sig, anmälan, anmälda, registrering, registrerat sig,
      registrerade, registrerad, kontaktformulär, enkät, undersökning, quiz, frågesport, tävling,
      svarat på enkät, ifyllt formulär, formulärsvar, popup, popupp, skickat in, pop-up, skicka
      formulär, inskickat formulär, tävlat, event anmälan
    pl: wypełnił formularz, wypełniła formularz, wypełnili formularz, wypełniony formularz, wysłał
      formularz, wysłany formularz, przesłał formularz, formularz, formularze, formularza,
      formularz kontaktowy, formularz zapisu, rejestracja, rejestracji, zarejestrował się,
      zarejestrowani, zarejestrowany, ankieta, ankiety, quiz, konkurs, popup, zgłoszenie, wypełnił
      ankietę, przesłany formularz, wypełniono formularz
    """,
    group=DONE,
    metrics=("Submitted Form",),
)

entry(
    "searched",
    done("Searched"),
    """
    en: searched, search, searches, searching, searched for, site search, looked for, search term,
      search query
    sv: sökt, sökte, sök, söka, söker, sökning, sökningar, sökord, letat efter, sökt efter
    pl: szukał, szukali, szukała, wyszukał, wyszukali, wyszukiwanie, wyszukiwania, wyszukiwał,
      szukane, szukać, szukana fraza
    """,
    group=DONE,
    metrics=("Searched",),
)

entry(
    "viewed-form",
    done("Viewed Form"),
    """
    en: viewed form, saw form, form view, form viewed, form impressions
    sv: visat formulär, sett formulär, formulärvisning, såg formulär
    pl: wyświetlił formularz, zobaczył formularz, wyświetlony formularz
    """,
    group=DONE,
    metrics=("Viewed Form",),
)
