"""The Celery application. The beat schedule is in settings; tasks are discovered by app.

Messages expire by the database's time: clocks of hosts may differ.
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
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # each worker process uses one thread


class CeleryApplication(Celery):
    """Uses the database's time, which is the same for all hosts."""

    def now(self) -> datetime:
        return last_known_now().astimezone(self.timezone)


class TimedRequest(Request):
    """A message in a worker, which expires by the database's time."""

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
    """A channel that raises ConnectionError when its connection is lost.

    kombu 5.7 raises an AttributeError instead when it returns or acknowledges messages, and the
    worker ends instead of connecting again.
    """

    @property
    def pool(self) -> Any:
        if getattr(self.connection, "client", None) is None:
            raise ConnectionError("The broker's connection has gone.")
        return super().pool


Transport.Channel = LostChannel


@worker_init.connect
def load(**about: Any) -> None:
    """Import what Arrow imports at the first evaluation, once for all processes of a worker."""
    import_module("pandas")
