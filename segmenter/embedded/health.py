"""Health check of the web server, for the demo and for containers.

`python -m segmenter.embedded.health 127.0.0.1:8000` exits with 0, or with 1 and the reason.
"""

from __future__ import annotations

import http.client
import os
import sys

PATH = "/healthz"


def problem(address: str, *, seconds: float) -> str:
    """Return the problem of the web server at `host:port`, or ""."""
    host, _, port = address.rpartition(":")
    # The server answers only to its configured host names.
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
