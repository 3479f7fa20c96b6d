"""A stable random number for each id and seed: the same on every machine, in every version."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from predictions.numerics.arrays import Ints

Words = npt.NDArray[np.uint64]


def mix(numbers: Words) -> Words:
    """uint64[n]: the SplitMix64 finaliser (Steele, Lea and Flood, OOPSLA 2014), one to one."""
    with np.errstate(over="ignore"):
        z = numbers + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def hashes(ids: Ints, seed: int) -> Words:
    """uint64[n]: a number for each id, uniform over all 64 bits, different for different ids.

    The seed is hashed first, so that neighbouring seeds have nothing in common.
    """
    return mix(ids.astype(np.uint64) ^ mix(np.array([seed], dtype=np.uint64)))
