"""Asks the pages whether they are well: for the demo, and for a container's health check.

`python -m segmenter.embedded.health 127.0.0.1:8000` ends with 0, or with 1 and the reason.
"""

from __future__ import annotations

import http.client
import os
import sys

PATH = "/healthz"


def problem(address: str, *, seconds: float) -> str:
    """Return what is wrong with the pages at `host:port`, or an empty text."""
    host, _, port = address.rpartition(":")
    # The pages answer only to the names they were told.
    name = os.environ.get("SEGMENTER_HOSTS", "").split(",")[0].strip().lstrip(".") or "localhost"
    connection = http.client.HTTPConnection(host, int(port), timeout=seconds)
    try:
        connection.request("GET", PATH, headers={"Host": name})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()
    return "" if status == http.client.OK else f"{PATH} answers {status}"


if __name__ == "__main__":
    sys.exit(problem(sys.argv[1], seconds=4) or 0)
