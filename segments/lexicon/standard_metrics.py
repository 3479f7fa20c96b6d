"""The standard metrics, and what shops and their systems call them otherwise."""

from __future__ import annotations

from collections.abc import Mapping


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


STANDARD_METRICS: Mapping[str, tuple[str, ...]] = {
    "Placed Order": _names(
        "Order Completed, Completed Order, Order Placed, Order Created, Created Order, Order Paid,"
        " Paid Order, Order, Orders, New Order, Purchase, Purchased, Made Purchase, Bought,"
        " Checkout Completed, Completed Checkout, Transaction, Sale,"
        " Beställning lagd, Lagd beställning, Beställning, Order lagd, Lagd order, Köp, Genomfört"
        " köp, Köpte, Ny order, Lade beställning, Gjorde beställning, Order slutförd,"
        " Złożono zamówienie, Złożone zamówienie, Złożył zamówienie, Zamówienie złożone,"
        " Złożenie zamówienia, Zamówienie, Nowe zamówienie, Zakup, Zrealizowany zakup"
    ),
    "Ordered Product": _names(
        "Product Ordered, Product Purchased, Purchased Product, Bought Product, Order Item,"
        " Beställd produkt, Produkt beställd, Köpt produkt, Beställde produkt, Köpte produkt,"
        " Zamówiony produkt, Zamówiono produkt, Kupiony produkt, Kupiono produkt"
    ),
    "Started Checkout": _names(
        "Checkout Started, Begin Checkout, Initiated Checkout, Initiate Checkout, Checkout,"
        " Påbörjade kassan, Kassa påbörjad, Påbörjat köp, Gick till kassan, Startade kassan,"
        " Rozpoczęto zamówienie, Rozpoczęto zakup, Przejście do kasy, Rozpoczęcie zamówienia"
    ),
    "Added to Cart": _names(
        "Add to Cart, Product Added, Added Product to Cart, Added to Basket, Cart Updated,"
        " Added to Bag, Lagd i varukorg, Lagt i varukorgen, Lade i varukorgen, Lägg i varukorg,"
        " Tillagd i varukorgen, Dodano do koszyka, Dodanie do koszyka, Dodał do koszyka"
    ),
    "Viewed Product": _names(
        "Product Viewed, View Product, View Item, Viewed Item, Viewed Content, Product View,"
        " Tittade på produkt, Visade produkt, Såg produkt, Produkt visad, Visad produkt,"
        " Wyświetlono produkt, Obejrzano produkt, Oglądany produkt, Wyświetlenie produktu"
    ),
    "Viewed Category": _names("Viewed Collection, Category Viewed, Product List Viewed"),
    "Searched": _names("Submitted Search, Searched Site, Site Search, Products Searched, Search"),
    "Active on Site": _names(
        "Visited Site, Site Visit, Page View, Viewed Page, Page Viewed, Visit, Session Started,"
        " Aktiv på webbplatsen, Aktiv på sajten, Besökte webbplatsen, Besök, Sidvisning,"
        " Besökte sajten, Aktywny na stronie, Odwiedził stronę, Odwiedzono stronę, Wizyta,"
        " Aktywność na stronie"
    ),
    "Received Email": _names(
        "Email Received, Email Delivered, Delivered Email, Sent Email, Email Sent, Fick e-post,"
        " Mottog e-post, E-post levererad, Mottaget e-post, Otrzymano e-mail, Otrzymany e-mail,"
        " E-mail dostarczony, Dostarczono e-mail"
    ),
    "Opened Email": _names(
        "Email Opened, Open Email, Email Open, Öppnade e-post, E-post öppnad, Öppnat e-post,"
        " Öppnade mejl, Öppnat mejl, Otwarto e-mail, Otwarty e-mail, Otworzył e-mail,"
        " E-mail otwarty, Otwarcie e-maila"
    ),
    "Clicked Email": _names(
        "Email Clicked, Click Email, Email Click, Email Link Clicked, Klickade i e-post,"
        " Klickade på e-post, Klickat i e-post, E-post klickad, Klickade i mejl, Kliknięto e-mail,"
        " Kliknięty e-mail, Kliknięcie w e-mail, Kliknął w e-mail, Kliknięto w e-mail"
    ),
    "Bounced Email": _names(
        "Email Bounced, Bounce, Bounced, Email Bounce, Studsad e-post, E-post studsade,"
        " Odbity e-mail, Odbito e-mail, E-mail odbity"
    ),
    "Marked Email as Spam": _names(
        "Email Marked as Spam, Spam Complaint, Complained, Spam Report, Marked as Spam,"
        " Markerade som skräppost, Skräppostanmälan, Oznaczono jako spam, Zgłoszono spam"
    ),
    "Dropped Email": _names("Email Dropped, Skipped Email"),
    "Unsubscribed": _names(
        "Unsubscribed from Email Marketing, Unsubscribed from Email, Email Unsubscribed,"
        " Unsubscribe, Unsubscribed from List, Avregistrerad, Avslutade prenumeration,"
        " Avprenumererade, Wypisano, Wypisał się, Rezygnacja z subskrypcji, Zrezygnowano"
    ),
    "Subscribed": _names(
        "Subscribed to Email Marketing, Subscribed to List, Email Subscribed, Signed Up,"
        " Subscribed to Email, Newsletter Signup, Prenumererar, Anmäld till nyhetsbrev,"
        " Zapisano, Zapisano do newslettera, Zasubskrybowano"
    ),
    "Received SMS": _names(
        "SMS Received, Sent SMS, SMS Sent, SMS Delivered, Received Text, Fick SMS, Mottog SMS,"
        " SMS levererat, Otrzymano SMS, Dostarczono SMS"
    ),
    "Clicked SMS": _names(
        "SMS Clicked, SMS Link Clicked, Klickade i SMS, Klickade på SMS, Kliknięto SMS,"
        " Kliknięto w SMS, Kliknięcie w SMS"
    ),
    "Subscribed to SMS Marketing": _names("Subscribed to SMS, SMS Subscribed"),
    "Unsubscribed from SMS Marketing": _names("Unsubscribed from SMS, SMS Unsubscribed"),
    "Received Push": _names("Push Received, Push Delivered, Sent Push"),
    "Opened Push": _names("Push Opened, Clicked Push"),
    "Refunded Order": _names(
        "Order Refunded, Refund, Refunded, Returned Order, Order Returned, Return, Återbetald"
        " order, Återbetalad beställning, Återbetalning, Återköp, Retur, Returnerad order,"
        " Zwrócono zamówienie, Zwrot zamówienia, Zwrot, Zwrócone zamówienie, Zwrot środków"
    ),
    "Cancelled Order": _names(
        "Canceled Order, Order Cancelled, Order Canceled, Cancellation, Avbruten order,"
        " Avbeställd order, Annullerad order, Avbokad order, Makulerad order, Avbruten"
        " beställning, Annullerad beställning, Anulowano zamówienie, Anulowane zamówienie,"
        " Zamówienie anulowane"
    ),
    "Fulfilled Order": _names(
        "Order Fulfilled, Shipped Order, Order Shipped, Order Delivered, Delivered Order,"
        " Fulfilled Partial Order, Skickad order, Levererad order, Levererad beställning, Order"
        " skickad, Wysłano zamówienie, Zrealizowano zamówienie, Zamówienie wysłane"
    ),
    "Submitted Form": _names(
        "Form Submitted, Form Submission, Filled Out Form, Form Completed, Skickade formulär,"
        " Skickat formulär, Fyllde i formulär, Formulär skickat, Wysłano formularz,"
        " Wypełniono formularz, Wysłany formularz"
    ),
    "Viewed Form": _names("Form Viewed, Form Impression, Visade formulär, Wyświetlono formularz"),
    "Submitted Review": _names(
        "Wrote Review, Left Review, Review Submitted, Reviewed Product,"
        " Skrev recension, Lämnade omdöme, Dodano opinię, Napisano opinię"
    ),
    "Used Coupon": _names("Coupon Used, Redeemed Coupon, Coupon Redeemed, Discount Used"),
}
"""Name to its other names, the likeliest first."""
