"""The Celery application. The beat schedule stands in settings; tasks are found by app name."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmenter.settings")

app = Celery("segmenter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def load(**about: Any) -> None:
    """Load what Arrow would load at the first evaluation, once for all of a worker's processes."""
    import_module("pandas")
