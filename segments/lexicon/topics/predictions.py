"""What the models predict: value, next order, churn, groups."""

from __future__ import annotations

from segments.lexicon.entries import entry
from segments.lexicon.fragments import (
    Fragment,
    at_least,
    number,
    predicted,
    text,
    texts,
    upcoming,
)
from segments.lexicon.labels import PREDICTED
from segments.lexicon.shop import ShopNames

entry(
    "historic-clv",
    predicted("historic_clv"),
    """
    en: historic customer lifetime value, historic clv, historical clv, historical value, value so
      far, past value, lifetime value so far, historic ltv, customer value so far
    sv: historiskt kundvärde, historiskt livstidsvärde, historisk clv, kundvärde hittills,
      hittillsvarande värde, kundvärde så långt
    pl: historyczna wartość klienta, historyczne clv, dotychczasowa wartość, wartość dotychczas,
      historyczna wartość życiowa
    """,
    group=PREDICTED,
)
entry(
    "predicted-clv",
    predicted("predicted_clv"),
    """
    en: predicted customer lifetime value, predicted clv, expected value, future value, expected
      revenue, predicted revenue, predicted value, forecast value, predicted ltv, clv next year,
      predicted spend, forecast, potential value, expected spend
    sv: förväntat kundvärde, förutspått kundvärde, predikterat kundvärde, framtida värde,
      förväntat värde, framtida kundvärde, beräknat kundvärde, förväntad intäkt, prognos,
      prognostiserat värde
    pl: przewidywana wartość klienta, przewidywane clv, przyszła wartość, oczekiwana wartość,
      przewidywana wartość, prognozowana wartość, oczekiwany przychód, prognoza, prognozowany
      przychód
    """,
    group=PREDICTED,
)
entry(
    "total-clv",
    predicted("total_clv"),
    """
    en: total customer lifetime value, clv, ltv, cltv, clv total, customer lifetime value,
      lifetime value, customer value, lifetime, total clv, total ltv, life time value, worth,
      value of a customer, life-time value, valuable
    sv: totalt kundvärde, kundvärde, kundens värde, livstidsvärde, kundlivstidsvärde, clv, ltv,
      totalt livstidsvärde, kunders värde, totalvärde, långsiktigt kundvärde
    pl: całkowita wartość klienta, wartość klienta, wartość życiowa klienta, wartość życiowa, clv,
      ltv, łączna wartość klienta, wartość klientów, wartość w czasie życia
    """,
    group=PREDICTED,
)
entry(
    "average-order-value",
    predicted("average_order_value"),
    """
    en: average order value, aov, average order, average basket, average purchase, mean order
      value, basket size, avg order value, average cart value, order size, average basket value,
      basket value, average spend, average ticket, avg order, average value, typical order
    sv: genomsnittligt ordervärde, snittorder, snittordervärde, genomsnittsorder, snittköp, aov,
      medelordervärde, genomsnittlig order, genomsnittligt köp, snittkorg, medelköp, snittvärde,
      genomsnittlig varukorg, varukorgsvärde, ordersnitt
    pl: średnia wartość zamówienia, średnie zamówienie, średni koszyk, średnia wartość koszyka,
      aov, średni zakup, średnia kwota zamówienia, przeciętne zamówienie, przeciętna wartość
      zamówienia, wartość koszyka, średnia wartość, średnia wartość zakupu
    """,
    group=PREDICTED,
)
entry(
    "number-of-orders",
    predicted("historic_number_of_orders"),
    """
    en: number of orders so far, number of orders, orders so far, historic number of orders, how
      many orders, historical number of orders, total orders, total number of orders, orders in
      total
    sv: antal order hittills, antal ordrar, antal order, antal ordrar hittills, hur många order,
      totalt antal ordrar, ordrar hittills, antal beställningar hittills
    pl: dotychczasowa liczba zamówień, liczba zamówień, ile zamówień, łączna liczba zamówień,
      ilość zamówień
    """,
    group=PREDICTED,
)
entry(
    "predicted-number-of-orders",
    predicted("predicted_number_of_orders"),
    """
    en: predicted number of orders, expected orders, future orders, predicted orders, expected
      number of orders, forecast orders, upcoming orders
    sv: förväntat antal order, förutspått antal order, framtida order, förväntade ordrar, beräknat
      antal order, framtida ordrar
    pl: przewidywana liczba zamówień, oczekiwane zamówienia, przyszłe zamówienia, prognozowana
      liczba zamówień, oczekiwana liczba zamówień
    """,
    group=PREDICTED,
)
entry(
    "days-between-orders",
    predicted("average_days_between_orders"),
    """
    en: average days between orders, days between orders, time between orders, order interval,
      purchase interval, average time between orders, repurchase time, purchase cycle, order
      cycle, buying cycle, days between purchases, replenishment, time between purchases, interval
    sv: genomsnittligt antal dagar mellan order, dagar mellan order, dagar mellan köp, tid mellan
      köp, tid mellan order, köpintervall, orderintervall, köpcykel, dagar mellan ordrar,
      påfyllning, intervall
    pl: średnia liczba dni między zamówieniami, dni między zamówieniami, czas między zamówieniami,
      odstęp między zamówieniami, dni między zakupami, cykl zakupowy, czas między zakupami, odstęp
    """,
    group=PREDICTED,
)


def _high_churn(shop: ShopNames) -> Fragment:
    _medium, high = shop.catalog.risk_limits
    return predicted("churn_probability", at_least(high))


entry(
    "churn",
    _high_churn,
    """
    en: churn risk, churn, churning, churned, churn probability, churners, churn rate, likely to
      churn, at risk of leaving, risk of churn, risk of leaving, leaving, high churn, attrition,
      about to leave, going to leave, will leave, likely to leave, risk, high risk, churn
      prediction, loss risk, retention, at risk of churning, customers leaving, probability of
      churn
    sv: risk att tappa, risk att förlora, churn, churnrisk, tappa, kundbortfall, bortfall,
      bortfallsrisk, avhopp, avhoppsrisk, risk för avhopp, hög risk, risk, på väg bort, lämnar
      oss, riskerar lämna, kundtapp, sannolikhet för churn, risk att lämna, förlora, lämna
    pl: ryzyko odejścia, ryzyko utraty, ryzyko rezygnacji, churn, odejście, odejścia, odchodzą,
      odchodzący, odejdzie, odejdą, ryzyko, wysokie ryzyko, ryzyko churnu, utrata klienta,
      zagrożeni odejściem, prawdopodobieństwo odejścia, rotacja, ryzyko utraty klienta, retencja
    """,
    group=PREDICTED,
)
entry(
    "low-churn",
    lambda shop: predicted("churn_probability", number("less-than", 0.33)),
    """
    en: low churn, low churn risk, low risk, not likely to churn, loyal by prediction, safe
      customers
    sv: låg risk, låg churnrisk
    pl: niskie ryzyko, niskie ryzyko odejścia
    """,
    group=PREDICTED,
)
entry(
    "order-probability",
    predicted("order_probability", at_least(0.5)),
    """
    en: probability of an order, likely to buy, order probability, purchase probability, likely to
      order, will buy, probability of purchase, about to buy, propensity, propensity to buy,
      likely buyers, likely to purchase, chance to buy, purchase intent, ready to buy, will order,
      intent
    sv: sannolikhet för order, sannolikhet för köp, köpsannolikhet, troligen köper, kommer köpa,
      kommer att köpa, sannolikt köper, köpbenägenhet, köpbenägen, på väg att köpa, köpintention,
      benägna att köpa, sannolikt att köpa
    pl: prawdopodobieństwo zamówienia, prawdopodobieństwo zakupu, prawdopodobnie kupi, kupi
      wkrótce, szansa na zakup, skłonność do zakupu, chęć zakupu, kupi, kupią, prawdopodobnie
      kupią
    """,
    group=PREDICTED,
)
entry(
    "next-order",
    predicted("expected_date_of_next_purchase", upcoming(14)),
    """
    en: expected date of next order, next order, next purchase, next order date, expected order
      date, predicted next order, next purchase date, due to order, due to buy, expected next
      order, will order soon, expected date of next purchase, upcoming purchase, about to reorder,
      predicted next purchase, when will they buy
    sv: förväntat datum för nästa order, nästa order, nästa köp, nästa beställning, datum för
      nästa order, väntat nästa köp, nästa köpdatum, dags att beställa, förväntat nästa köp,
      kommande köp
    pl: przewidywana data następnego zamówienia, następne zamówienie, następny zakup, kolejne
      zamówienie, kolejny zakup, data następnego zamówienia, przyszły zakup, data kolejnego
      zamówienia, oczekiwana data zamówienia
    """,
    group=PREDICTED,
)
entry(
    "gender",
    predicted("predicted_gender"),
    """
    en: predicted gender, gender, sex, genders, male or female, man or woman
    sv: kön, förutspått kön, predikterat kön, könet, man eller kvinna, beräknat kön
    pl: płeć, płci, przewidywana płeć, kobieta czy mężczyzna, prognozowana płeć
    """,
    group=PREDICTED,
)
entry(
    "women",
    predicted("predicted_gender", text("equals", "likely_female")),
    """
    en: women, woman, female, females, ladies, lady, girls, girl, she, likely female, womens, her,
      female customers, mothers, moms
    sv: kvinnor, kvinna, kvinnlig, kvinnliga, damer, dam, tjejer, tjej, flickor, hon, troligen
      kvinna, kvinnliga kunder
    pl: kobiety, kobieta, kobiet, panie, pani, dziewczyny, dziewczyna, żeńska, żeński, ona,
      prawdopodobnie kobieta, klientki, kobiecy
    """,
    group=PREDICTED,
)
entry(
    "men",
    predicted("predicted_gender", text("equals", "likely_male")),
    """
    en: men, man, male, males, gentlemen, boys, boy, guys, guy, he, likely male, mens, male
      customers, fathers, dads
    sv: män, man, manlig, manliga, herrar, herr, killar, kille, pojkar, han, troligen man, manliga
      kunder
    pl: mężczyźni, mężczyzna, mężczyzn, panowie, pan, chłopcy, męska, męski, on, faceci,
      prawdopodobnie mężczyzna
    """,
    group=PREDICTED,
)


def _rfm(*groups: str) -> Fragment:
    return predicted("rfm_group", texts(groups))


entry(
    "rfm",
    predicted("rfm_group"),
    """
    en: rfm group, rfm, rfm segment, rfm score, recency frequency monetary, rfm analysis, customer
      group, customer tier, lifecycle, lifecycle stage, life cycle, loyalty tier, customer segment
    sv: rfm-grupp, rfm, rfm-segment, rfm grupp, rfm-analys, kundgrupp, livscykel, kundlivscykel
    pl: grupa rfm, rfm, segment rfm, analiza rfm, grupa klientów, cykl życia, cykl życia klienta
    """,
    group=PREDICTED,
)
entry(
    "champions",
    _rfm("champions"),
    """
    en: champions, champion, rfm champions, vip by rfm, super fans, superfans, fans, brand lovers
    sv: champions, mästare, superfans, bästa rfm, fans
    pl: champions, mistrzowie, czempioni, superfani, fani
    """,
    group=PREDICTED,
)
entry(
    "loyal",
    _rfm("champions", "loyal"),
    """
    en: loyal, loyalty, loyal people, loyals, faithful, devoted, loyal group, ambassadors
    sv: lojal, lojala, lojalitet, trogen, trogna, lojalitetsgrupp
    pl: lojalny, lojalna, lojalni, lojalność, wierny, wierni
    """,
    group=PREDICTED,
    weight=0.98,
)
entry(
    "at-risk",
    _rfm("at_risk"),
    """
    en: at risk, at-risk, customers at risk, at risk customers, rfm at risk, endangered
    sv: i riskzonen, riskzon, riskgrupp, i riskgruppen, kunder i riskzonen, riskkunder
    pl: zagrożony, zagrożeni, w strefie ryzyka, grupa ryzyka, zagrożeni klienci, klienci zagrożeni
    """,
    group=PREDICTED,
)
entry(
    "needs-attention",
    _rfm("needs_attention"),
    """
    en: needs attention, need attention, attention, requires attention
    sv: behöver uppmärksamhet, kräver uppmärksamhet, uppmärksamhet
    pl: wymaga uwagi, wymagają uwagi, potrzebuje uwagi, uwaga
    """,
    group=PREDICTED,
)
entry(
    "rfm-inactive",
    _rfm("inactive"),
    """
    en: rfm inactive, inactive group, inactive by rfm
    sv: inaktiv grupp, inaktiv rfm, rfm inaktiv
    pl: nieaktywna grupa, rfm nieaktywni, nieaktywny rfm
    """,
    group=PREDICTED,
)
entry(
    "rfm-recent",
    _rfm("recent"),
    """
    en: rfm recent, recent group
    sv: rfm nyliga, nylig grupp
    pl: rfm niedawni, niedawna grupa
    """,
    group=PREDICTED,
)
entry(
    "channel-affinity",
    {
        "type": "profile-predictive-analytics",
        "dimension": "channel_affinity",
        "measurement": "priority",
        "predicted_channel": "email",
        "filter": number("equals", 1),
    },
    """
    en: channel affinity, preferred channel, best channel, channel, channels, favourite channel,
      favorite channel, channel preference, affinity
    sv: kanalpreferens, föredragen kanal, bästa kanal, kanal, kanaler, favoritkanal
    pl: preferowany kanał, ulubiony kanał, najlepszy kanał, kanał, kanały, preferencja kanału
    """,
    group=PREDICTED,
)
