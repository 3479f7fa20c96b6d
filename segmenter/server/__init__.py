"""The HTTP server: gunicorn's processes with waitress's buffers.

A thread gets a request when it is complete, and is free when its answer is in a buffer. Slow
clients occupy a buffer, not a thread, and that for a limited time. Knows nothing of Django.
"""

from __future__ import annotations
