#!/usr/bin/env python3
"""The door for commands: starts what they need, migrates, and ends with what it started."""

from __future__ import annotations

import sys

try:
    from segmenter.console import main
except ModuleNotFoundError as error:
    sys.exit(f"{error}. 'make demo' installs what is missing; then use .venv/bin/python.")
except KeyboardInterrupt:
    sys.exit(130)

if __name__ == "__main__":
    sys.exit(main(sys.argv))
