"""Places on Earth as unit vectors: how near two of them are is one product, without sine or cosine.

They are as exact as single precision goes, to a few metres: enough to tell nearly everyone apart
who is nearer or farther than some distance.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from profiles.columns.column import Floats

Directions = npt.NDArray[np.float32]
"""float32[3, n]: towards (0° N, 0° E), (0° N, 90° E) and the North Pole; NaN where unknown."""
ERROR = 1e-6
"""More than what the product of two directions can be wrong by."""


def directions(latitudes: Floats, longitudes: Floats) -> Directions:
    """The directions of places, degrees float64[n] each."""
    north, east = np.radians(latitudes), np.radians(longitudes)
    across = np.cos(north)
    return np.stack([across * np.cos(east), across * np.sin(east), np.sin(north)]).astype("f4")


def cosines(of: Directions, place: Directions) -> npt.NDArray[np.float32]:
    """float32[n]: of the angle between each direction and that of one place, float32[3, 1]."""
    found = of[0] * place[0]
    found += of[1] * place[1]
    found += of[2] * place[2]
    return found
