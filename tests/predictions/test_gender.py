"""Gender from a first name, in every spelling."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from predictions.numerics.gender import NAMES, Gender, guess_gender, guess_genders

F, M, U = Gender.LIKELY_FEMALE, Gender.LIKELY_MALE, Gender.UNCERTAIN


@pytest.mark.parametrize(
    ("name", "gender"),
    [
        *(("Anna", F), ("ANNA", F), ("  anna ", F), ("Björn", M), ("Bjo\u0308rn", M), ("José", M)),
        *(("Łukasz", M), ("Zoë", F), ("İbrahim", M), ("Małgorzata", F), ("Jean-Pierre", M)),
        *(("Maria José", F), ("Anna, Maria", F), ("(Anna)", F), ("Anna2", U), ("D’Angelo", M)),
        *(("Dr. Anna", F), ("Dr.Anna", F), ("Prof. Dr. Peter", M), ("Fru Karin", F)),
        *(("Dame Edna", F), ("Don", M), ("Don Carlos", M), ("Dr", U), ("Mr.", U)),
        *(("Andrea", U), ("Kim", U), ("Åsa", U), ("Qwzxv", U), ("J.", U), ("J. Anna", U)),
        *(("", U), (" ", U), (None, U), ("123", U), ("—", U), ("anna@example.com", U)),
        *(("Иван", U), ("x" * 10_000, U)),
    ],
)
def test_names(name: str | None, gender: Gender) -> None:
    assert guess_gender(name) is gender


def test_many_at_once() -> None:
    assert guess_genders(["Anna", None, "Peter", "Anna"]) == [F, U, M, F]


@given(st.text())
def test_any_text(text: str) -> None:
    assert guess_gender(text) in Gender


def test_the_table_is_small_and_in_order() -> None:
    table = pq.ParquetFile(NAMES).read()
    names = table["name"].to_pylist()
    assert NAMES.stat().st_size < 3_000_000
    assert names == sorted(set(names))
    assert min(table["observations"].to_pylist()) >= 10
