"""Orders, what was in them, and money."""

from __future__ import annotations

from segments.lexicon.amounts import typical_total
from segments.lexicon.entries import entry
from segments.lexicon.fragments import (
    EVER,
    IS_SET,
    Fragment,
    ago,
    at_least,
    done,
    events,
    last,
    never,
    number,
)
from segments.lexicon.labels import DONE
from segments.lexicon.shop import ShopNames

ORDER = "Placed Order"
_ORDER = (ORDER,)

entry(
    "placed-order",
    done(ORDER),
    """
    en: placed order, buy, buys, bought, buying, buyer, buyers, purchase, purchased, purchases,
      purchaser, order, orders, ordered, ordering, customer, customers, paying customers,
      converted, conversion, conversions, sale, sales, sold, transaction, transactions, shopped,
      shopper, shoppers, made a purchase, made an order, has bought, have purchased, existing
      customers, checked out, completed checkout, completed order, paid, paying, order placed, any
      order, spender, got, acquired, order history, purchase history, order date, purchase
      behaviour
    sv: köp, köpa, köper, köpt, köpte, köpare, inköp, beställning, beställningar, beställa,
      beställer, beställt, beställde, order, ordrar, lagd order, lagt order, lagt en order, lagt
      beställning, lade en order, handla, handlar, handlat, handlade, kund, kunder, shoppat,
      shoppa, shoppade, konvertering, konverterat, genomfört köp, har köpt, har handlat, betalat,
      betalade, betalande kunder, försäljning, sålt, gjort ett köp, befintliga kunder,
      orderhistorik, köphistorik, transaktion, transaktioner, orderdatum, slutfört köp
    pl: kupić, kupił, kupiła, kupili, kupiły, kupione, kupno, kupuje, kupują, kupujący, kupował,
      kupowali, nabył, nabyli, nabywca, nabywcy, zakup, zakupy, zakupów, zakupu, zakupił,
      zakupili, zamówienie, zamówienia, zamówień, zamówił, zamówiła, zamówili, zamawiał,
      zamawiali, zamawia, złożył zamówienie, złożyli zamówienie, złożone zamówienie, złożono
      zamówienie, klient, klienci, konwersja, konwersje, sprzedaż, transakcja, transakcje, dokonał
      zakupu, zrobił zakupy, zapłacił, zapłacili, płacący klienci, obecni klienci, historia
      zamówień, historia zakupów, sfinalizował zakup, kupujących
    """,
    group=DONE,
    metrics=_ORDER,
)


def _spent(shop: ShopNames) -> Fragment | None:
    key = shop.metric(ORDER)
    if key is None:
        return None
    return events(key, at_least(typical_total(shop.catalog, key)), measurement="sum")


entry(
    "spent",
    _spent,
    """
    en: spent, spend, spends, spending, total spent, total spend, amount spent, money spent,
      money, revenue, turnover, order value, total order value, total value, order total, order
      totals, total revenue, lifetime revenue, total amount, sum of orders, value of orders,
      purchase value, order amount, amount, gross sales, income, earnings, sales value, how much
      spent, total purchases, cash, spendings, purchase amount, revenue per customer, total sales,
      spent at least, spent more than, spent over
    sv: spenderat, spendera, spenderar, spenderade, omsättning, intäkt, intäkter, summa, belopp,
      ordervärde, orderbelopp, totalt ordervärde, köpt för, handlat för, handlade för, beställt
      för, köpesumma, köpsumma, pengar, total omsättning, totalt spenderat, betalat totalt,
      totalsumma, köpvärde, ordersumma, inkomst, totalt belopp, försäljningsvärde, lagt pengar,
      hur mycket
    pl: wydał, wydała, wydali, wydać, wydaje, wydają, wydane, wydatki, wydatek, wydana kwota,
      przychód, przychody, przychodu, obrót, obroty, kwota, kwota zamówień, suma zamówień, wartość
      zamówień, wartość zamówienia, wartość zakupów, łączna wartość, suma, pieniądze, łączna
      kwota, suma zakupów, kupił za, wydane pieniądze, kwota zakupów, łączne wydatki, łącznie
      wydał, ile wydał, utarg
    """,
    group=DONE,
    metrics=_ORDER,
)

entry(
    "never-ordered",
    never(ORDER),
    """
    en: never bought, has never bought, never purchased, never ordered, not bought, no orders, no
      order, no purchase, no purchases, non-buyers, non buyers, zero orders, prospects, prospect,
      leads, lead, potential customers, has not bought, has not ordered, without orders, without
      purchase, not a customer, not customers, never shopped, yet to buy, never converted, not
      converted, non-customers, non customers, haven't bought, zero purchases, 0 orders
    sv: aldrig köpt, aldrig handlat, aldrig beställt, inte köpt, inte handlat, inte beställt, ej
      köpt, ej handlat, inga köp, inga beställningar, inga order, inga ordrar, noll köp, utan köp,
      utan order, utan beställning, har aldrig köpt, har inte köpt, prospekt, leads, ingen order,
      inget köp, icke-kunder, potentiella kunder, ej kund, inte kund, noll ordrar
    pl: nigdy nie kupił, nigdy nie kupili, nigdy nie kupiła, nie kupił, nie kupili, nie kupiła,
      nie zamówił, nie zamówili, nigdy nie zamówił, bez zakupu, bez zakupów, bez zamówień, bez
      zamówienia, brak zamówień, brak zakupów, zero zamówień, nie kupował, nigdy nie kupował,
      potencjalni klienci, leady, lead, prospekt, nie jest klientem, żadnych zakupów, brak zakupu
    """,
    group=DONE,
    metrics=_ORDER,
)

entry(
    "first-order",
    done(ORDER, number("equals", 1)),
    """
    en: first purchase, first order, first-time buyer, first time buyers, first time customers,
      one-time buyers, one time buyers, one-time customers, bought once, ordered once, single
      purchase, one order, one purchase, single order, only one order, new customers, new
      customer, new buyers, new buyer, purchased once, once, only once, one and done, first time,
      first-time purchase, 1 order, exactly one order, one timers
    sv: första köp, första köpet, första ordern, första beställningen, förstagångsköpare,
      förstagångskunder, engångskund, engångskunder, engångsköpare, köpt en gång, handlat en gång,
      beställt en gång, ett köp, en order, en beställning, nya kunder, ny kund, nykund, nykunder,
      endast ett köp, bara ett köp, en enda order, första gången
    pl: pierwszy zakup, pierwsze zamówienie, pierwsze zakupy, jednorazowi klienci, jednorazowy
      klient, jednorazowi kupujący, kupił raz, kupili raz, kupił jeden raz, zamówił raz, jedno
      zamówienie, jeden zakup, nowi klienci, nowy klient, kupili tylko raz, pierwszy raz, kupił
      tylko raz, jednorazowy zakup
    """,
    group=DONE,
    metrics=_ORDER,
)

entry(
    "repeat-orders",
    done(ORDER, at_least(2)),
    """
    en: repeat customers, repeat customer, repeat buyers, repeat buyer, repeat purchase, repeat
      purchases, repeat purchasers, repeated orders, returning customers, returning customer,
      bought twice, ordered twice, bought again, bought more than once, multiple orders, several
      orders, several purchases, second order, second purchase, two orders, reordered, reorder,
      repurchased, repurchase, repeat orders, repeat, returning, came back, recurring customers,
      multiple purchases, many orders, bought several times, loyal customers, frequent buyers,
      frequent buyer, frequency, frequent, purchase frequency, order frequency, regulars, number
      of orders placed, order count, number of purchases
    sv: återkommande kunder, återkommande kund, återköp, återköpare, återkommande, trogna kunder,
      trogen kund, stamkund, stamkunder, köpt flera gånger, köpt två gånger, handlat flera gånger,
      handlat igen, köpt igen, flera köp, flera beställningar, flera order, flera ordrar, andra
      köpet, andra ordern, upprepade köp, köpt mer än en gång, lojala kunder, köpfrekvens,
      frekvens, orderfrekvens, beställt flera gånger, många order, antal köp, antal beställningar,
      frekventa köpare, storkunder
    pl: powracający klienci, powracający klient, stali klienci, stały klient, lojalni klienci,
      lojalny klient, kupił ponownie, kupili ponownie, kupił dwa razy, kilka zamówień, kilka
      zakupów, wiele zamówień, ponowny zakup, ponowne zakupy, powtórny zakup, powtórne zakupy,
      drugi zakup, drugie zamówienie, wielokrotne zakupy, kupił kilka razy, kupił więcej niż raz,
      częstotliwość zakupów, częstotliwość, powtórne zamówienie, powracający, liczba zakupów,
      częsti klienci, często kupuje, kupili wielokrotnie
    """,
    group=DONE,
    metrics=_ORDER,
)

entry(
    "recent-order",
    done(ORDER, when=last(30)),
    """
    en: last purchase, last order, latest order, latest purchase, recent purchase, recent order,
      recent orders, recent buyers, recent customers, recently bought, recently purchased, bought
      recently, ordered recently, most recent order, date of last order, last order date, last
      purchase date, active customers, active customer, active buyers, recency, bought lately,
      last bought, last ordered, time since last order, days since last order
    sv: senaste köp, senaste köpet, senaste order, senaste ordern, senaste beställningen, senaste
      beställning, senast köpt, senast handlat, senast beställt, nyligen köpt, nyligen handlat,
      nyligen beställt, köpt nyligen, sista köpet, aktiva kunder, aktiv kund, senaste orderdatum,
      senaste köpdatum, sista ordern, nyliga köp
    pl: ostatni zakup, ostatnie zamówienie, ostatnie zakupy, ostatnio kupił, ostatnio kupili,
      ostatnio zamówił, niedawno kupił, niedawno kupili, kupił niedawno, kupił ostatnio, niedawny
      zakup, aktywni klienci, aktywny klient, data ostatniego zamówienia, data ostatniego zakupu,
      niedawne zamówienie, ostatniego zamówienia, ostatniego zakupu
    """,
    group=DONE,
    metrics=_ORDER,
)

entry(
    "lapsed",
    never(ORDER, last(180)),
    """
    en: lapsed, lapsed customers, lapsed customer, lapsed buyers, lapse, lapsing, win back,
      winback, win-back, dormant customers, sleeping customers, inactive customers, lost
      customers, lost customer, not bought recently, not bought lately, has not bought recently,
      no recent order, no recent orders, no recent purchase, gone, stopped buying, haven't bought
      in a while, reactivate, reactivation, long time since order, not ordered recently, has
      stopped buying, former customers, old customers, past customers
    sv: tappade kunder, förlorade kunder, förlorad kund, inaktiva kunder, inaktiv kund, sovande
      kunder, vilande kunder, vinna tillbaka, win back, slutat köpa, slutat handla, inte köpt
      nyligen, inte handlat nyligen, inte köpt på länge, inte handlat på länge, gamla kunder,
      tidigare kunder, återaktivera, återaktivering, bortfallna kunder, kunder som försvunnit,
      föredetta kunder
    pl: utraceni klienci, utracony klient, nieaktywni klienci, nieaktywny klient, uśpieni klienci,
      uśpiony klient, odzyskać, odzyskanie klientów, odzyskiwanie, dawno nie kupił, dawno nie
      kupili, przestał kupować, przestali kupować, nie kupił ostatnio, byli klienci, dawni
      klienci, reaktywacja, reaktywować, dawno nie kupował, dawno nie zamówił
    """,
    group=DONE,
    metrics=_ORDER,
)

entry(
    "ordered-product",
    done("Ordered Product"),
    """
    en: ordered product, bought product, purchased product, product, products, item, items,
      product bought, product ordered, bought a product, bought item, purchased item, ordered
      item, order line, line item, line items, category bought, bought category, bought from
      category, article, articles, goods, sku, merchandise, variant, product name, product
      category, category, categories, collection, collections, brand, brands, product type,
      cross-sell, cross sell, upsell, best seller, bestseller, product purchased, specific product
    sv: produkt, produkter, vara, varor, artikel, artiklar, köpt produkt, beställd produkt, köpt
      vara, köpte produkt, beställt produkt, kategori, kategorier, produktkategori, varumärke,
      varumärken, märke, kollektion, kollektioner, produktnamn, artikelnummer, orderrad,
      orderrader, korsförsäljning, merförsäljning, sortiment, köpta produkter, köpt varor, viss
      produkt
    pl: produkt, produkty, produktu, produktów, towar, towary, artykuł, artykuły, kupiony produkt,
      zamówiony produkt, kupił produkt, zamówił produkt, kupili produkt, kategoria, kategorie,
      kategorii, kategoria produktu, marka, marki, kolekcja, kolekcje, nazwa produktu, pozycja
      zamówienia, sprzedaż krzyżowa, asortyment, kupione produkty, konkretny produkt, rzecz,
      rzeczy
    """,
    group=DONE,
    metrics=("Ordered Product",),
)

entry(
    "discount",
    lambda shop: _with_a_code(shop),
    """
    en: coupon, coupons, used coupon, used a coupon, discount, discounts, discount code, discount
      codes, promo, promo code, promo codes, promotion code, voucher, vouchers, coupon code, used
      discount, used a discount code, used discount code, used code, deal, deals, discounted,
      bargain, bargain hunters, discount hunters, discount shoppers, rebate, promotion,
      promotions, promotional code, offer code, redeemed, redeemed coupon, price cut, on sale
    sv: rabatt, rabatter, rabattkod, rabattkoder, kupong, kuponger, kampanjkod, kampanjkoder,
      använt rabattkod, använde rabattkod, använt rabatt, använt kupong, erbjudande,
      erbjudandekod, presentkod, voucher, värdekod, rabattjägare, använde kod, rea, använt kod,
      kod, inlöst kupong, handlat med rabatt, fyndare, rabatterat
    pl: kupon, kupony, kuponu, kod rabatowy, kody rabatowe, kodu rabatowego, rabat, rabaty,
      rabatu, zniżka, zniżki, zniżkę, kod zniżkowy, kod promocyjny, kody promocyjne, promocja,
      promocje, użył kuponu, użył kodu rabatowego, użył kodu, wykorzystał kod, wykorzystał kupon,
      voucher, bon, użyto kodu, przecena, łowcy okazji, okazja, kupił z rabatem, bon zniżkowy
    """,
    group=DONE,
    metrics=_ORDER,
)

_CODES = ("discountcode", "discountcodes", "couponcode", "coupon", "couponcodes", "coupons",
          "promocode", "vouchercode", "voucher", "rabattkod", "rabattkoder", "kupong", "kupon",
          "kodrabatowy", "discount", "code")  # fmt: skip


def _with_a_code(shop: ShopNames) -> Fragment | None:
    """Orders with a discount code; the metric of coupons, where there is one."""
    coupons = shop.metric("Used Coupon")
    if coupons is not None:
        return events(coupons)
    key = shop.metric(ORDER)
    if key is None:
        return None
    names = {
        "".join(letter for letter in name.casefold() if letter.isalnum()): name
        for name in shop.catalog.event_properties(key)
    }
    name = next((names[each] for each in _CODES if each in names), "Discount Code")
    return events(key, where=[{"property": name, "filter": IS_SET}])


entry(
    "refunded-order",
    done("Refunded Order"),
    """
    en: refunded order, refund, refunds, refunded, refunding, returned, return, returns, returned
      order, returned item, returned product, returned goods, sent back, money back, got a refund,
      got money back, returners, order returned, chargeback
    sv: retur, returer, returnerat, returnerade, returnera, återbetalning, återbetalningar,
      återbetalad, återbetalat, återbetald, återbetalda, pengarna tillbaka, skickat tillbaka,
      returnerad order, returnerad vara, reklamation, reklamerat, returvara
    pl: zwrot, zwroty, zwrotu, zwrócił, zwróciła, zwrócili, zwrócone, zwrócone zamówienie, zwrot
      pieniędzy, zwrot środków, refundacja, oddał, oddali, odesłał, odesłali, zwrot towaru,
      reklamacja, reklamacje, zwrócony produkt
    """,
    group=DONE,
    metrics=("Refunded Order",),
)

entry(
    "cancelled-order",
    done("Cancelled Order"),
    """
    en: cancelled order, canceled order, cancelled, canceled, cancel, cancels, cancellation,
      cancellations, cancelation, order cancelled, order canceled, called off, withdrew order,
      voided order, aborted order, annulled
    sv: avbruten order, avbruten beställning, avbruten, avbrutit, avbröt, avbrutna, avbokad,
      avbokat, avbokade, avbokning, avbeställd, avbeställt, avbeställde, avbeställning,
      annullerad, annullerat, annullering, makulerad, makulerat, ångrat köp, ångrade köp, avbryta,
      avboka
    pl: anulowane zamówienie, anulowane, anulował, anulowała, anulowali, anulowano, anulować,
      anulowanie, odwołał, odwołali, odwołane, rezygnacja z zamówienia, zrezygnował z zamówienia,
      anulacja, wycofał zamówienie
    """,
    group=DONE,
    metrics=("Cancelled Order",),
)

entry(
    "fulfilled-order",
    done("Fulfilled Order"),
    """
    en: fulfilled order, fulfilled, fulfilment, fulfillment, shipped, shipment, shipping, shipped
      order, delivered order, delivery, order delivered, order shipped, dispatched, parcel sent
    sv: levererad order, levererad, levererat, leverans, leveranser, skickad order, skickad,
      frakt, fraktad, utleverans, order skickad, expedierad, paket skickat
    pl: zrealizowane zamówienie, zrealizowane, realizacja, wysłane zamówienie, wysłane, wysyłka,
      dostawa, dostarczone zamówienie, dostarczono, przesyłka, paczka, wysłano zamówienie
    """,
    group=DONE,
    metrics=("Fulfilled Order",),
)

entry(
    "review",
    done("Submitted Review"),
    """
    en: submitted review, review, reviews, reviewed, wrote a review, left a review, rating,
      ratings, rated, testimonial, feedback
    sv: recension, recensioner, recenserat, omdöme, omdömen, lämnat omdöme, skrivit recension,
      betyg, betygsatt, återkoppling
    pl: recenzja, recenzje, opinia, opinie, opinii, napisał opinię, wystawił opinię, dodał opinię,
      ocena, oceny, ocenił
    """,
    group=DONE,
    metrics=("Submitted Review",),
)

entry(
    "order-not-again",
    lambda shop: events(key, when=ago(180)) if (key := shop.metric(ORDER)) is not None else None,
    """
    en: bought long ago, ordered long ago, bought a long time ago, old orders, old order
    sv: köpt för länge sedan, handlat för länge sedan, gamla köp, gamla beställningar
    pl: kupił dawno temu, kupił dawno, dawne zamówienia, stare zamówienia, dawne zakupy
    """,
    group=DONE,
    metrics=_ORDER,
)

entry(
    "big-spenders",
    lambda shop: _top_spenders(shop),
    """
    en: big spenders, big spender, high spenders, top spenders, high value, high value customers,
      valuable customers, best customers, top customers, best buyers, whales, biggest customers,
      big orders, high rollers, most valuable customers, premium customers, heavy buyers, vip
      customers, vip, vips, high value orders
    sv: storköpare, storkonsumenter, bästa kunder, bästa kunderna, toppkunder, värdefulla kunder,
      mest värdefulla kunder, storspenderare, vip kunder, vip-kunder, vip, största kunderna, högt
      värde, högt ordervärde, premiumkunder, viktiga kunder
    pl: najlepsi klienci, najlepszy klient, najcenniejsi klienci, cenni klienci, vip, klienci vip,
      dużo wydają, najwięcej wydają, duże zamówienia, wysoka wartość, najwięksi klienci, klienci
      premium, wartościowi klienci, kluczowi klienci
    """,
    group=DONE,
    metrics=_ORDER,
    weight=0.96,
)


def _top_spenders(shop: ShopNames) -> Fragment | None:
    key = shop.metric(ORDER)
    if key is None:
        return None
    return events(key, at_least(typical_total(shop.catalog, key, part=0.9)), measurement="sum")


entry(
    "big-basket",
    lambda shop: (
        {
            **events(key, at_least(typical_total(shop.catalog, key)), EVER, (), "maximum"),
        }
        if (key := shop.metric(ORDER)) is not None
        else None
    ),
    """
    en: largest order, biggest order, highest order value, maximum order, max order value, single
      large order
    sv: största order, största köp, högsta ordervärde, största beställning
    pl: największe zamówienie, największy zakup, najwyższa wartość zamówienia
    """,
    group=DONE,
    metrics=_ORDER,
)
