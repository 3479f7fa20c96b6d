"""The Celery application. The beat schedule stands in settings; tasks are found by app name."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import worker_init
from kombu.transport.redis import Channel, Transport
from redis.exceptions import ConnectionError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmenter.settings")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # each worker process is one thread's worth

app = Celery("segmenter")
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
