"""The Celery application. The beat schedule stands in settings; tasks are found by app name.

Messages expire by the database's time, like all else: hosts need not agree about theirs.
"""

from __future__ import annotations

import os
from datetime import datetime
from importlib import import_module
from typing import Any, Literal

from celery import Celery, Task
from celery.signals import worker_init
from celery.worker.request import Request
from celery.worker.state import revoked
from kombu.transport.redis import Channel, Transport
from redis.exceptions import ConnectionError

from segmenter.kernel.clock import last_known_now

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmenter.settings")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # each worker process is one thread's worth


class CeleryApplication(Celery):
    """Reckons with the time that all hosts have in common."""

    def now(self) -> datetime:
        return last_known_now().astimezone(self.timezone)


class TimedRequest(Request):
    """A message in a worker, which expires by the time that all hosts have in common."""

    def maybe_expire(self) -> Literal[True] | None:
        expires: datetime | None = self.expires
        if expires is None or last_known_now() <= expires:
            return None
        revoked.add(self.id)
        return True


class TimedTask(Task[Any, Any]):
    Request = "segmenter.celery:TimedRequest"


app = CeleryApplication("segmenter", task_cls=TimedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class LostChannel(Channel):
    """A channel that says so when its connection has gone.

    kombu 5.7 stumbles over the missing connection instead, when it gives back or acknowledges
    what a worker had in hand, and the worker ends where it should connect anew.
    """

    @property
    def pool(self) -> Any:
        if getattr(self.connection, "client", None) is None:
            raise ConnectionError("The broker's connection has gone.")
        return super().pool


Transport.Channel = LostChannel


@worker_init.connect
def load(**about: Any) -> None:
    """Load what Arrow would load at the first evaluation, once for all of a worker's processes."""
    import_module("pandas")
