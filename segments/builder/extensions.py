"""What the builder finds by itself: controls of field types, kinds, sources of suggestions."""

from segmenter.kernel.registry import import_all

import_all("segments.builder.controls")
import_all("segments.builder.kinds")
import_all("segments.builder.sources")
