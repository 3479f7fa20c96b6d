"""The products of the made-up shop, and how likely each is to be viewed."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random


@dataclass(frozen=True, slots=True)
class Product:
    """A product; `price` in the shop's currency, `number` its position in the catalogue."""

    number: int
    product_id: str
    name: str
    category: str
    collections: tuple[str, ...]
    price: float


CURRENCY = "EUR"

# Category, collection, then name and price; the order is that of popularity.
_SHELVES: tuple[tuple[str, str, str], ...] = (
    (
        "Shorts",
        "Summer",
        """Fjord hiking shorts 65|Trail running shorts 49|Linen shorts 45
        |Quick-dry swim shorts 39|Canvas work shorts 59|Cycling shorts 75""",
    ),
    (
        "Tops",
        "Summer",
        """Merino tank top 45|Linen tank top 35|Field T-shirt 29|Merino T-shirt 55
        |Striped T-shirt 32|Running tank top 38|Long-sleeved base layer 69""",
    ),
    (
        "Jackets",
        "Winter",
        """Fjord shell jacket 249|Down jacket 279|Fleece jacket 99|Wind jacket 89
        |Insulated parka 349|Waxed field jacket 229|Rain poncho 39""",
    ),
    (
        "Trousers",
        "All year",
        """Field trousers 119|Winter ski trousers 189|Stretch leggings 65|Rain trousers 79
        |Zip-off trousers 95|Wool long johns 59""",
    ),
    (
        "Shoes",
        "All year",
        """Trail running shoes 139|Leather hiking boots 219|Camp sandals 59|Rubber boots 89
        |Winter boots 199|Felt slippers 49""",
    ),
    (
        "Hydration",
        "Summer",
        """Steel water bottle 25|Hydration pack 10 l 89|Soft flask 500 ml 19|Vacuum flask 1 l 35
        |Water filter 49|Enamel mug 12""",
    ),
    (
        "Packs",
        "All year",
        """Day pack 20 l 79|Hiking pack 45 l 169|Expedition pack 70 l 229|Hip bag 35
        |Waterproof duffel 60 l 119|Child carrier 249""",
    ),
    (
        "Camp",
        "Summer",
        """Two-person tent 289|Family tent 499|Sleeping bag, three seasons 179|Sleeping mat 89
        |Gas stove 59|Head torch 45|Camp chair 55|Hammock 69|Titanium spork 9""",
    ),
    (
        "Hats and gloves",
        "Winter",
        """Wool beanie 29|Merino neck tube 25|Touchscreen gloves 35|Down mittens 69|Sun hat 32
        |Winter cap with ear flaps 49""",
    ),
    (
        "Fan shop",
        "Winter",
        """New England Patriots beanie 32|New England Patriots hoodie 75
        |New England Patriots fleece blanket 49|New England Patriots seat cushion 29
        |Boston Red Sox cap 30|Toronto Maple Leafs scarf 28|Leksands IF scarf 28""",
    ),
    (
        "Gifts",
        "Christmas",
        """Gift card 50|Wool socks, three pairs 36|Dala horse ornament 22|Beeswax candles 18
        |Map of Dalarna 15|Wooden cup 29""",
    ),
)


def _fill() -> tuple[Product, ...]:
    products: list[Product] = []
    for category, collection, shelf in _SHELVES:
        for entry in shelf.split("|"):
            name, _, price = entry.strip().rpartition(" ")
            number = len(products)
            products.append(
                Product(
                    number=number,
                    product_id=f"P{1000 + number}",
                    name=name,
                    category=category,
                    collections=(collection, category),
                    price=float(price),
                )
            )
    return tuple(products)


PRODUCTS: tuple[Product, ...] = _fill()
CATEGORIES: tuple[str, ...] = tuple(category for category, _, _ in _SHELVES)
_BY_CATEGORY: dict[str, tuple[Product, ...]] = {
    category: tuple(product for product in PRODUCTS if product.category == category)
    for category in CATEGORIES
}
# Zipf's law within a category.
_POPULARITY: dict[str, list[float]] = {
    category: list(accumulate(1 / (place + 1) ** 0.8 for place in range(len(products))))
    for category, products in _BY_CATEGORY.items()
}


def pick(draw: Random, *, taste: tuple[str, ...], price_limit: float) -> Product:
    """Return a product that a person of this taste (categories, favourite first) views.

    Products above the person's usual `price_limit` are seldom picked.
    """
    product = PRODUCTS[0]
    for _ in range(3):
        category = taste[min(int(draw.expovariate(1.2)), len(taste) - 1)]
        weights = _POPULARITY[category]
        product = _BY_CATEGORY[category][bisect(weights, draw.random() * weights[-1])]
        if product.price <= price_limit:
            break
    return product
