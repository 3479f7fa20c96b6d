"""The process that stops the servers of a data folder when their last user was killed.

It waits for the lease's lock, which the system releases for a killed process. A user that ends
normally stops the servers itself, and this process, too.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from segmenter.embedded.folder import DataFolder
from segmenter.embedded.leases import discard, stop_servers
from segmenter.embedded.locks import acquire, open_lock
from segmenter.embedded.postgres import PostgresServer
from segmenter.embedded.valkey import ValkeyServer


def stop_after_last_user(data: DataFolder) -> None:
    """Wait until nobody uses the servers, and stop them."""
    lease = open_lock(data.run / "lease")
    acquire(lease)
    postgres = PostgresServer(data)
    stop_servers(data, postgres, ValkeyServer(data))
    discard(data, postgres)
    os.close(lease)


if __name__ == "__main__":
    os.chdir("/")
    stop_after_last_user(DataFolder(Path(sys.argv[1])))
