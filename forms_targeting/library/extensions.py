"""Registers the ready-made forms."""

from __future__ import annotations

from segmenter.kernel.registry import import_all

import_all("forms_targeting.library.forms")
