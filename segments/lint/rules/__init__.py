"""The rules, one file each. Importing the package registers them all."""

from segmenter.kernel.registry import import_all

import_all(__name__)
