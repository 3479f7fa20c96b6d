"""What people began and did not finish: cart, checkout, looking around."""

from __future__ import annotations

from segments.lexicon.entries import entry
from segments.lexicon.fragments import did_not_follow
from segments.lexicon.labels import DONE

ORDER = "Placed Order"

entry(
    "abandoned-cart",
    did_not_follow("Added to Cart", ORDER),
    """
    en: abandoned cart, abandoned carts, cart abandonment, abandoned basket, left in cart, left
      cart, abandon, abandoned, abandonment, cart abandoners, abandoners, forgot cart, forgotten
      cart, items left in cart, did not finish order, added to cart but did not buy, cart but no
      order, unfinished order, abandoned shopping cart, added to cart not bought, added to cart
      but not bought
    sv: övergiven varukorg, övergivna varukorgar, övergiven kundvagn, övergivna kundvagnar, lämnad
      varukorg, lämnade varukorgen, lämnat varukorg, övergiven, övergivna, avbruten varukorg,
      glömd varukorg, kvar i varukorgen, varukorg utan köp, lämnad kundvagn, lagt i varukorg men
      inte köpt, oavslutat köp
    pl: porzucony koszyk, porzucone koszyki, porzucenie koszyka, porzuconych koszyków, porzucił
      koszyk, porzucili koszyk, porzucony, porzucone, porzucił, opuszczony koszyk, zostawił w
      koszyku, zostawił koszyk, koszyk bez zakupu, niedokończone zamówienie, niedokończony zakup,
      dodał do koszyka ale nie kupił, dodał do koszyka i nie kupił
    """,
    group=DONE,
    metrics=("Added to Cart", ORDER),
)

entry(
    "abandoned-checkout",
    did_not_follow("Started Checkout", ORDER),
    """
    en: abandoned checkout, abandoned checkouts, checkout abandonment, left checkout, did not
      finish checkout, checkout not completed, started checkout but did not buy, incomplete
      checkout
    sv: övergiven kassa, lämnat kassan, lämnade kassan, avbruten kassa, avbrutet köp, avbrutna köp
    pl: porzucona kasa, porzucone zamówienie, porzucona płatność, opuścił kasę, przerwany zakup
    """,
    group=DONE,
    metrics=("Started Checkout", ORDER),
)

entry(
    "browsed-not-bought",
    did_not_follow("Viewed Product", ORDER, "DAYS_5"),
    """
    en: abandoned browse, browse abandonment, browsed but did not buy, viewed but did not buy,
      looked but did not buy, viewed not purchased, window shoppers, viewed product but not bought
    sv: tittat men inte köpt, övergiven surf, tittat men inte handlat, sett men inte köpt, tittade
      men köpte inte, kollat men inte köpt
    pl: oglądał ale nie kupił, oglądali ale nie kupili, przeglądał ale nie kupił, obejrzał i nie
      kupił, porzucone przeglądanie
    """,
    group=DONE,
    metrics=("Viewed Product", ORDER),
)
