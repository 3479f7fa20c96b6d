"""The Celery application. The beat schedule stands in settings; tasks are found by app name."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmenter.settings")

app = Celery("segmenter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
