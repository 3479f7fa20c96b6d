"""The process that stops the servers of a data folder when their last user was killed.

It waits for the lease's lock, which the system gives back for a killed process. A user that leaves
in the ordinary way stops the servers itself, and this process too.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import discard, stop_servers
from segmenter.embedded.locks import open_lock, take
from segmenter.embedded.postgres import PostgresServer
from segmenter.embedded.valkey import ValkeyServer


def keep(data: DataFolder) -> None:
    """Return when nobody uses the servers any more and they have stopped."""
    lease = open_lock(data.run / "lease")
    take(lease)
    postgres = PostgresServer(data)
    stop_servers(data, postgres, ValkeyServer(data))
    discard(data, postgres)
    os.close(lease)


if __name__ == "__main__":
    os.chdir("/")
    keep(DataFolder(Path(sys.argv[1])))
