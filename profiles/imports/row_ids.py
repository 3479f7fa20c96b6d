"""Ids of events in files without ids: a hash of the row, and its ordinal among equal rows.

The row's position and the order of the file do not matter. Ids of earlier versions (the number of
a row and its hash) were rewritten by the migration 0006_row_ids; both hash the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

_DIGEST_BYTES = 6
_MOST_MERGED = 1 << 20
"""Longer runs are not merged: merging takes several times their memory."""
Keys = npt.NDArray[np.int64]


class RowIds:
    """Computes the ids of one file's rows; it must get every row once, from the first.

    The rows were decoded with `encoding`. With `identity`, another encoding, ids are computed from
    the same bytes decoded by it, so that a file decoded otherwise than before has the same ids.
    """

    def __init__(self, encoding: str = "utf-8", identity: str = "") -> None:
        self._encoding = encoding.removesuffix("-sig")
        self._identity = identity
        self._occurrences = Occurrences()

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """Return the ids of the next rows from their texts."""
        texts = self._texts(texts)
        numbers = self._count(texts)
        return [f"{_digest(text)}:{n}" for text, n in zip(texts, numbers.tolist(), strict=True)]

    def skip(self, texts: Sequence[str]) -> None:
        """Count rows that were imported before and need no id."""
        self._count(self._texts(texts))

    def _count(self, texts: Sequence[str]) -> Keys:
        # Not the digest: among 20 million rows two equal digests are likely.
        return self._occurrences.add(np.fromiter(map(hash, texts), np.int64, len(texts)))

    def _texts(self, texts: Sequence[str]) -> Sequence[str]:
        if not self._identity or self._identity == self._encoding:
            return texts
        return [text if text.isascii() else self._as_before(text) for text in texts]

    def _as_before(self, text: str) -> str:
        try:
            data = text.encode(self._encoding, "surrogateescape")
        except UnicodeError:  # a corrected row with a letter that the encoding does not have
            return text
        return data.decode(self._identity, "surrogateescape")


def _digest(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()


class Occurrences:
    """Counts how often each key occurred: 12 bytes a key, in sorted runs of growing length."""

    def __init__(self) -> None:
        self._runs: list[tuple[Keys, npt.NDArray[np.int32]]] = []

    def add(self, keys: Keys) -> Keys:
        """Count the keys and return the ordinal of each among equal ones, from 1."""
        if not keys.size:
            return keys
        distinct, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
        order = np.argsort(group, kind="stable")
        firsts = np.cumsum(counts) - counts
        numbers = np.empty_like(keys)
        numbers[order] = np.arange(keys.size) - np.repeat(firsts - self._before(distinct), counts)
        self._keep(distinct, counts.astype(np.int32))
        return numbers + 1

    def _before(self, keys: Keys) -> Keys:
        before = np.zeros(keys.size, np.int64)
        for run, counts in self._runs:
            places = np.minimum(np.searchsorted(run, keys), run.size - 1)
            before += np.where(run[places] == keys, counts[places], 0)
        return before

    def _keep(self, keys: Keys, counts: npt.NDArray[np.int32]) -> None:
        """Add a run; runs that are not twice as long as the next are merged with it."""
        while self._runs and self._runs[-1][0].size < min(2 * keys.size, _MOST_MERGED):
            other_keys, other_counts = self._runs.pop()
            both = np.concatenate([other_keys, keys])
            both_counts = np.concatenate([other_counts, counts])
            order = np.argsort(both, kind="stable")
            both, both_counts = both[order], both_counts[order]
            starts = np.flatnonzero(np.concatenate([[True], both[1:] != both[:-1]]))
            keys = both[starts]
            counts = np.add.reduceat(both_counts, starts).astype(np.int32)
        self._runs.append((keys, counts))
