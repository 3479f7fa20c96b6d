"""The APIs of ad networks, one file each; importing the package registers all of them."""

from __future__ import annotations

from segmenter.kernel.registry import import_all

import_all(__name__)
