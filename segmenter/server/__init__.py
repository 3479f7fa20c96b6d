"""How requests come in and answers go out over HTTP: gunicorn's processes, waitress's buffers.

A thread gets a request when all of it is there, and is free again when its answer is written down;
who sends or reads slowly holds a buffer, and that for a limited time. Knows nothing of Django.
"""

from __future__ import annotations
