"""Runs an import: blocks of a file become batches of records, and `ingest` stores each.

Knows neither commands nor jobs; they pass the file and use the tally.
"""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from queue import Full, Queue
from typing import Any, NamedTuple, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from profiles.imports.blocks import Block, read_blocks
from profiles.imports.layout import Layout
from profiles.imports.mapping import (
    ImportPlan,
    Mapping,
    RowMapper,
    infer_kinds,
    map_objects,
    texts_of,
)
from profiles.imports.rejects import Reject
from profiles.imports.row_ids import RowIds
from profiles.imports.source import ByteSource
from profiles.ingest.parse import FILE_TIMES, read_event, read_profile
from profiles.ingest.store import IngestResult, Rejection, ingest_events, ingest_profiles
from profiles.models import Cause
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem

T = TypeVar("T")
_PREFETCH = 2
_LOOK_UP_SECONDS = 0.2
_UNSTORABLE = (ValueError, TypeError, OverflowError, RecursionError)


class RecordBatch(NamedTuple):
    """A block of the file and its records: record i is of the block's row `rows[i]`."""

    block: Block
    records: Sequence[Any]
    """ProfileRecords or EventRecords, as the import's kind is."""
    rows: list[int]
    rejects: list[Reject]


@dataclass(frozen=True)
class Import:
    """A file, its layout, and the mapping of its columns."""

    source: ByteSource
    layout: Layout
    kind: str
    """profiles or events."""
    plan: ImportPlan | None = None
    """None for JSON Lines."""
    metric: str | None = None
    zone: tzinfo = UTC
    """Of times that name none."""

    @property
    def needs_row_ids(self) -> bool:
        """Whether its events may get ids computed from their rows."""
        return self.kind == "events" if self.plan is None else self.plan.needs_row_ids


@dataclass
class ImportTally:
    """The outcome of the rows so far."""

    accepted: int = 0
    unchanged: int = 0
    rejected: int = 0
    position: int = 0
    """Bytes of the file (as stored) read so far."""
    misfits: dict[str, int] = field(default_factory=dict)
    """Number of cells of number and boolean columns that stayed text, by column name."""
    contested: Counter[str] = field(default_factory=Counter)
    """Identifier to the number of rows whose value belongs to another person."""

    @property
    def rows(self) -> int:
        return self.accepted + self.unchanged + self.rejected


class BatchResult(NamedTuple):
    """The outcome of one batch."""

    accepted: int
    unchanged: int
    rejects: list[Reject]
    contested: Counter[str]


def first_block(source: ByteSource, layout: Layout) -> Block:
    """Return the file's first rows, from which the types of its columns are inferred."""
    with closing(read_blocks(source, layout)) as blocks:
        return next(blocks, Block())


def with_kinds(plan: ImportPlan, block: Block) -> ImportPlan:
    """Return the plan with types inferred from the file's first rows."""
    return replace(plan, kinds=infer_kinds(plan.mapped, block) | plan.kinds)


def batches(task: Import, *, skip: int = 0) -> Iterator[tuple[RecordBatch, dict[str, int]]]:
    """Yield the file's rows after the first `skip` as batches, and the misfits until then."""
    layout = task.layout
    row_ids = RowIds(layout.written_in or layout.encoding, layout.identity)
    mapper = None if task.plan is None else RowMapper(task.plan, task.layout.encoding, row_ids)
    for block in _blocks(task, skip, row_ids):
        if mapper is None:
            mapping = map_objects(task.kind, block, metric=task.metric, row_ids=row_ids)
            yield _read(task, block, mapping), {}
        else:
            yield _read(task, block, mapper(block)), mapper.misfits


def _blocks(task: Import, skip: int, row_ids: RowIds) -> Iterator[Block]:
    """The blocks after the first `skip` rows; if rows need ids, the skipped ones are counted."""
    if not skip or not task.needs_row_ids:
        yield from read_blocks(task.source, task.layout, skip=skip)
        return
    for block in read_blocks(task.source, task.layout, cut=skip):
        if block.last_number <= skip:
            row_ids.skip(texts_of(block, json_lines=task.layout.json_lines))
        else:
            yield block


def _read(task: Import, block: Block, mapping: Mapping) -> RecordBatch:
    """Read the records here, where the database may work meanwhile (see `prefetch`)."""
    batch = RecordBatch(block, [], [], list(mapping.rejects))
    records: list[Any] = []
    for row, record in zip(mapping.rows, mapping.records, strict=True):
        try:
            if task.kind == "profiles":
                records.append(read_profile(record))
            else:
                records.append(read_event(record, FILE_TIMES, task.zone))
        except Invalid as error:
            batch.rejects.append(_reject(task, block, row, error.problems[0]))
        except _UNSTORABLE as error:
            batch.rejects.append(_reject(task, block, row, _unstorable(error)))
        else:
            batch.rows.append(row)
    return batch._replace(records=records)


def store(task: Import, batch: RecordBatch, *, account: Account, at: datetime) -> BatchResult:
    """Write one batch; rows that ingest rejects are added to those rejected before."""
    outcome = _ingest_all(task, batch.records, account, at) if batch.records else IngestResult()
    late_rejects = [
        _reject(task, batch.block, batch.rows[index], problem)
        for index, problem in outcome.rejected
    ]
    rejects = sorted(batch.rejects + late_rejects, key=lambda reject: reject.line)
    return BatchResult(outcome.accepted, outcome.unchanged, rejects, outcome.contested)


def _reject(task: Import, block: Block, row: int, problem: Problem) -> Reject:
    cells = block.rows[row]
    content = cells[1] if task.layout.json_lines else cells
    return Reject(block.lines[row], _reason(problem), content)


def _ingest_all(
    task: Import, records: Sequence[Any], account: Account, at: datetime
) -> IngestResult:
    """Ingest records; one that the database cannot store is isolated by halving and rejected."""
    try:
        return _ingest(task, records, account, at)
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy: no record's fault
    except (DatabaseError, *_UNSTORABLE) as error:
        if len(records) == 1:
            return IngestResult(rejected=[Rejection(0, _unstorable(error))])
    half = len(records) // 2
    first = _ingest_all(task, records[:half], account, at)
    second = _ingest_all(task, records[half:], account, at)
    second_rejections = [Rejection(r.index + half, r.problem) for r in second.rejected]
    return IngestResult(
        first.accepted + second.accepted,
        first.unchanged + second.unchanged,
        first.rejected + second_rejections,
        contested=first.contested + second.contested,
    )


def _unstorable(error: Exception) -> Problem:
    message = str(error).strip().split("\n", 1)[0]
    return Problem("", "unstorable", f"The row cannot be stored: {message.rstrip('.')}.")


def _ingest(task: Import, records: Sequence[Any], account: Account, at: datetime) -> IngestResult:
    if task.kind == "profiles":
        return ingest_profiles(account=account, records=records, at=at, cause=Cause.IMPORT)
    return ingest_events(account=account, records=records, at=at, cause=Cause.IMPORT)


def _reason(problem: Problem) -> str:
    place = problem.pointer.removeprefix("/profile").lstrip("/")
    return f"{place}: {problem.message}" if place else problem.message


def run(
    task: Import,
    *,
    account: Account,
    clock: Callable[[], datetime],
    rejected: Callable[[list[Reject]], None],
    progress: Callable[[ImportTally], None],
) -> ImportTally:
    """Import a whole file; the next rows are read while the database works."""
    tally = ImportTally()
    with rare_collections():
        for batch, misfits in prefetch(batches(task)):
            result = store(task, batch, account=account, at=clock())
            tally.accepted += result.accepted
            tally.unchanged += result.unchanged
            tally.rejected += len(result.rejects)
            tally.contested += result.contested
            tally.position = batch.block.position
            tally.misfits = misfits
            if result.rejects:
                rejected(result.rejects)
            progress(tally)
    return tally


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect garbage less often: batches make many objects at once and no cycles.

    Mapping rows takes a quarter less time.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def prefetch(items: Iterator[T]) -> Iterator[T]:
    """Yield the items; another thread makes the next ones meanwhile. Its errors are raised here."""
    queue: Queue[tuple[T | None, BaseException | None]] = Queue(_PREFETCH)
    stop = threading.Event()

    def put(item: T | None, error: BaseException | None) -> None:
        while not stop.is_set():
            try:
                return queue.put((item, error), timeout=_LOOK_UP_SECONDS)
            except Full:
                continue

    def fill() -> None:
        try:
            for item in items:
                put(item, None)
                if stop.is_set():
                    return
            put(None, None)
        except BaseException as error:  # raised in the consuming thread
            put(None, error)

    thread = threading.Thread(target=fill, name="read ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = queue.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        stop.set()
        thread.join()
