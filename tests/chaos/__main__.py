"""Kills every part of a whole instance under load, again and again, and holds it to its promises.

`make chaos`, or `python -m tests.chaos --seconds 30`. Ends with 0 if nothing was lost or twice,
membership is what the oracle recomputes, every recovery took under 10 s (60 s after a clock that
was wrong), worker and beat tell that they live, and nothing is left.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, deque
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from bench.instance import Instance, processes_of
from tests.database import new_folder

RECOVERY_SECONDS = 10.0
BUSY_SECONDS = 60.0
"""What is allowed where others use up the machine before we begin."""
CLOCK_SECONDS = 60.0
"""What is allowed once a clock that was wrong is true again: all live segments are built anew."""
PROGRAMS = 4
CALM_SECONDS = 2.0
"""Load without a fault before the next one."""
LAST_SECONDS = 20.0
"""How long programs may try to get their last request answered."""


def main() -> int:
    """Run for the chosen time and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0, help="under load (default 180)")
    parser.add_argument("--only", default="", help="faults whose name begins so")
    options = parser.parse_args()
    most, load = RECOVERY_SECONDS, os.getloadavg()[0]
    if load > (os.cpu_count() or 1):
        most = BUSY_SECONDS
        print(f"Something else runs on this machine (load {load:.1f}): it may take {most:.0f} s.")
    folder = new_folder("segmenter-chaos-")
    os.environ["SEGMENTER_MIRROR_FROM"] = "1"  # so that there is a mirror to lose
    problems: list[str] = []
    instance = Instance(folder)
    try:
        with instance:
            instance.adopt()
            problems += _run(instance, options.seconds, options.only, most)
            if problems:
                _keep_logs(folder)
    finally:
        leftovers = processes_of(folder)
        shutil.rmtree(folder, ignore_errors=True)
    problems += [f"left behind: {line}" for line in leftovers]
    print(f"processes left behind: {len(leftovers)}")
    for problem in problems:
        print(f"DOES NOT HOLD: {problem}")
    print("All holds." if not problems else f"{len(problems)} problems.", flush=True)
    return 1 if problems else 0


def _run(instance: Instance, seconds: float, only: str, most: float) -> list[str]:
    # These need the settings, which know the database only now.
    from tests.chaos import check, clock, faults, load  # noqa: PLC0415
    from tests.chaos.setting import set_up  # noqa: PLC0415

    clock.install()
    account, secret, probed = set_up()
    from bench.client import Client  # noqa: PLC0415

    ends = clock.true_now() + timedelta(seconds=seconds)
    recent: load.Repeatable = deque(maxlen=200)
    programs = [
        load.Program(n, PROGRAMS, Client(instance.address, secret), ends, recent)
        for n in range(PROGRAMS)
    ]
    for program in programs:
        program.start()
    prober = faults.Prober(instance.address, secret, probed.pk)
    problems, recoveries = [], []
    print(f"{'killed':<36}{'answers again':>15}{'membership again':>18}", flush=True)
    for fault in cycle([one for one in faults.FAULTS if one.name.startswith(only)]):
        time.sleep(CALM_SECONDS)
        if clock.true_now() > ends - timedelta(seconds=CALM_SECONDS):
            break
        recovery = prober.strike(instance, fault)
        recoveries.append(recovery)
        print(
            f"{fault.name:<36}{recovery.answered:>13.2f} s{recovery.followed:>16.2f} s", flush=True
        )
        if not recovery.followed < (CLOCK_SECONDS if fault.lasts else most):
            problems.append(f"{fault.name}: {recovery.followed:.1f} s until membership followed")
    prober.client.close()
    for program in programs:
        program.over.set()
    deadline = time.monotonic() + LAST_SECONDS
    for program in programs:
        program.join(max(0.0, deadline - time.monotonic()))
        program.give_up.set()
        program.join()
    records = [program.record for program in programs]
    compared = check.compare(account)
    problems_ = check.lost_or_twice(account, records, prober.sent)
    problems += check.silent()
    answers = sum((record.answers for record in records), Counter())
    acknowledged = sum(len(record.acknowledged) for record in records) + len(prober.sent)
    print(f"answers: {', '.join(f'{k}: {n:,}' for k, n in sorted(answers.items()))}")
    print(f"events acknowledged: {acknowledged:,}; lost, twice or overwritten: {len(problems_)}")
    print(
        f"memberships: {compared.memberships:,}; differences from the oracle:"
        f" {len(compared.differences)}, after {compared.quiet_seconds:.1f} s of quiet"
    )
    if recoveries:
        print(f"slowest recovery: {max(one.followed for one in recoveries):.2f} s")
    if compared.waiting:
        problems.append(f"{compared.waiting} changes wait")
    return [*problems, *problems_, *compared.differences]


def _keep_logs(folder: Path) -> None:
    place = Path(tempfile.mkdtemp(prefix="segmenter-chaos-logs-"))
    shutil.copytree(folder / "logs", place, dirs_exist_ok=True)
    print(f"logs: {place}")


if __name__ == "__main__":
    random.seed(1)
    sys.exit(main())
