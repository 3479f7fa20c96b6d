"""Rebuild first_names.parquet from the package that README.md names.

The running program never imports this.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

LEAST_OBSERVATIONS = 10
NAMES = Path(__file__).parent / "first_names.parquet"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("wheel", type=Path, help="nomquamgender-*.whl")
    with zipfile.ZipFile(parser.parse_args().wheel) as wheel:
        names_data = json.loads(wheel.read("nomquamgender/name_data.json"))
    rows = sorted(
        (name, round(female * 1000), observations)
        for name, (_sources, observations, female, *_rest) in names_data.items()
        # Only the first word of a name is looked up.
        if observations >= LEAST_OBSERVATIONS and " " not in name
    )
    names, permille, observations = zip(*rows, strict=True)
    table = pa.table(
        {
            "name": pa.array(names, pa.string()),
            "female_permille": pa.array(permille, pa.int16()),
            "observations": pa.array(observations, pa.int32()),
        }
    )
    pq.write_table(
        table,
        NAMES,
        compression="zstd",
        compression_level=19,
        use_dictionary=False,
        column_encoding={
            "name": "DELTA_BYTE_ARRAY",
            "female_permille": "PLAIN",
            "observations": "PLAIN",
        },
    )
    print(f"{len(rows):,} names, {NAMES.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
