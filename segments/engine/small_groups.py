"""How many people a figure about a group needs, so that it says nothing about one of them."""

from __future__ import annotations

from typing import Final

LEAST_PEOPLE: Final = 10
"""Nothing is said of what fewer people have in common or did together."""
