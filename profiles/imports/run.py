"""The import itself: blocks of a file become batches of records, and each goes through ingest.

Knows neither commands nor jobs: they say where the file is and what is done with the tally.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from queue import Full, Queue
from typing import NamedTuple, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from profiles.imports.layout import Layout
from profiles.imports.mapping import Mapping, Plan, Record, RowMapper, infer_kinds, map_objects
from profiles.imports.reading import Block, read_blocks
from profiles.imports.rejects import Reject
from profiles.imports.source import Source
from profiles.ingest import Outcome, Rejection, ingest_events, ingest_profiles
from profiles.models import Cause
from profiles.records import FILE_TIMES
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Problem

T = TypeVar("T")
_AHEAD = 2
_LOOK_UP_SECONDS = 0.2


class Batch(NamedTuple):
    """A block of the file and what it became."""

    block: Block
    mapping: Mapping


@dataclass(frozen=True)
class Import:
    """A file, how it is written, and what becomes of it."""

    source: Source
    layout: Layout
    kind: str
    """profiles or events."""
    plan: Plan | None = None
    """None for JSON Lines, which are records already."""
    metric: str | None = None
    zone: tzinfo = UTC
    """Of times that name none."""


@dataclass
class Tally:
    """What became of the rows so far."""

    accepted: int = 0
    unchanged: int = 0
    rejected: int = 0
    position: int = 0
    """Bytes of the file that were read (as stored)."""
    misfits: dict[str, int] = field(default_factory=dict)
    """Cells of number and boolean columns that were kept as text, by column name."""

    @property
    def rows(self) -> int:
        return self.accepted + self.unchanged + self.rejected


class Stored(NamedTuple):
    """What became of one batch."""

    accepted: int
    unchanged: int
    rejects: list[Reject]


def first_block(source: Source, layout: Layout) -> Block:
    """Return the file's first rows, by which the types of its columns are judged."""
    with closing(read_blocks(source, layout)) as blocks:
        return next(blocks, Block())


def with_kinds(plan: Plan, block: Block) -> Plan:
    """Return the plan with the types that the file's first rows show."""
    return Plan(
        plan.kind,
        plan.columns,
        plan.mapped,
        plan.zone,
        infer_kinds(plan.mapped, block) | plan.kinds,
        plan.metric,
        plan.time_format,
    )


def batches(task: Import, *, skip: int = 0) -> Iterator[tuple[Batch, dict[str, int]]]:
    """Yield the file's rows after the first `skip` as batches, and the misfits until then."""
    mapper = None if task.plan is None else RowMapper(task.plan)
    for block in read_blocks(task.source, task.layout, skip=skip):
        if mapper is None:
            yield Batch(block, map_objects(task.kind, block, metric=task.metric)), {}
        else:
            yield Batch(block, mapper(block)), mapper.misfits


def store(task: Import, batch: Batch, *, account: Account, at: datetime) -> Stored:
    """Write one batch; what ingest refuses joins the rows that were refused before."""
    records = batch.mapping.records
    outcome = _ingest_all(task, records, account, at) if records else Outcome()
    rejects = list(batch.mapping.rejects)
    for rejection in outcome.rejected:
        row = batch.mapping.rows[rejection.index]
        cells = batch.block.rows[row]
        rejects.append(
            Reject(
                batch.block.lines[row],
                _reason(rejection.problem),
                cells[1] if task.layout.json_lines else cells,
            )
        )
    rejects.sort(key=lambda reject: reject.line)
    return Stored(outcome.accepted, outcome.unchanged, rejects)


def _ingest_all(task: Import, records: Sequence[Record], account: Account, at: datetime) -> Outcome:
    """Ingest records; one that the database cannot hold is found by halving and set aside."""
    try:
        return _ingest(task, records, account, at)
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy: no record's fault
    except (DatabaseError, ValueError, TypeError, OverflowError, RecursionError) as error:
        if len(records) == 1:
            told = str(error).strip().split("\n", 1)[0]
            problem = Problem("", "unstorable", f"The row cannot be stored: {told}")
            return Outcome(rejected=[Rejection(0, problem)])
    half = len(records) // 2
    first = _ingest_all(task, records[:half], account, at)
    second = _ingest_all(task, records[half:], account, at)
    moved = [Rejection(r.index + half, r.problem) for r in second.rejected]
    return Outcome(
        first.accepted + second.accepted,
        first.unchanged + second.unchanged,
        first.rejected + moved,
    )


def _ingest(task: Import, records: Sequence[Record], account: Account, at: datetime) -> Outcome:
    if task.kind == "profiles":
        return ingest_profiles(account=account, records=records, at=at, cause=Cause.IMPORT)
    return ingest_events(
        account=account,
        records=records,
        at=at,
        cause=Cause.IMPORT,
        times=FILE_TIMES,
        zone=task.zone,
    )


def _reason(problem: Problem) -> str:
    place = problem.pointer.removeprefix("/profile").lstrip("/")
    return f"{place}: {problem.message}" if place else problem.message


def run(
    task: Import,
    *,
    account: Account,
    clock: Callable[[], datetime],
    rejected: Callable[[list[Reject]], None],
    progress: Callable[[Tally], None],
) -> Tally:
    """Import a file from its beginning to its end; reads ahead while the database works."""
    tally = Tally()
    with rare_collections():
        for batch, misfits in ahead(batches(task)):
            stored = store(task, batch, account=account, at=clock())
            tally.accepted += stored.accepted
            tally.unchanged += stored.unchanged
            tally.rejected += len(stored.rejects)
            tally.position = batch.block.position
            tally.misfits = misfits
            if stored.rejects:
                rejected(stored.rejects)
            progress(tally)
    return tally


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for garbage less often: batches make many objects at once and no cycles.

    Took a quarter off the time of mapping rows.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the items, the next ones made by another thread meanwhile; its errors come out here."""
    queue: Queue[tuple[T | None, BaseException | None]] = Queue(_AHEAD)
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
        except BaseException as error:  # it belongs to the thread that waits for it
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
