"""The WSGI door."""

from __future__ import annotations

import os
from importlib import import_module
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmenter.settings")

application = get_wsgi_application()

# Arrow loads pandas when it is first given an array, which takes longer than any preview may.
Thread(target=import_module, args=("pandas",), daemon=True).start()
