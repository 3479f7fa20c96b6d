"""Registers the ready-made segments."""

from __future__ import annotations

from segmenter.kernel.registry import import_all

import_all("segments.library.segments")
