#!/usr/bin/env python3
"""The door for commands: starts what they need, migrates, and ends with what it started."""

from __future__ import annotations

import sys

from segmenter.console import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
