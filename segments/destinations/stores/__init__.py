"""Places that files can be put, one file each. Importing this registers them."""

from segmenter.kernel.registry import import_all

import_all(__name__)
