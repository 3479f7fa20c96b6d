"""Places on Earth as unit vectors: their scalar product is the cosine of the angle between them.

So a distance is compared without sine or cosine for each person. Single precision is exact to a few
metres, which decides for nearly everyone whether they are within a distance.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Floats

Directions = npt.NDArray[np.float32]
"""float32[3, n]: towards (0° N, 0° E), (0° N, 90° E) and the North Pole; NaN where unknown."""
ERROR = 1e-6
"""Upper bound of the error of the product of two directions."""


def directions(latitudes: Floats, longitudes: Floats) -> Directions:
    """The directions of places, degrees float64[n] each."""
    north, east = np.radians(latitudes), np.radians(longitudes)
    across = np.cos(north)
    return np.stack([across * np.cos(east), across * np.sin(east), np.sin(north)]).astype("f4")


def cosines(of: Directions, place: Directions) -> npt.NDArray[np.float32]:
    """float32[n]: of the angle between each direction and that of one place, float32[3, 1]."""
    product = of[0] * place[0]
    product += of[1] * place[1]
    product += of[2] * place[2]
    return product
