"""What conditions are about, one file a subject. Importing the package registers them all."""

from segmenter.kernel.registry import import_all

import_all(__name__)
