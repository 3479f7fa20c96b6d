"""Creates `.venv` and installs the packages of a lock file, unless that was done before.

Runs on a bare Python 3.11 or newer: `python3 -m segmenter.embedded.install runtime`.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys

from segmenter.embedded import ServiceError
from segmenter.embedded.folder import PROJECT
from segmenter.embedded.terminal import say, step

FOLDER = PROJECT / ".venv"
PYTHON = FOLDER / "bin" / "python"


def install(kind: str) -> None:
    """Install `requirements/KIND.txt` into `.venv` unless that was done before."""
    lock = PROJECT / "requirements" / f"{kind}.txt"
    with lock.open("rb") as file:
        fcntl.flock(
            file, fcntl.LOCK_EX
        )  # a concurrent installation waits, and then has nothing to do
        lock_digest = hashlib.sha256(file.read()).hexdigest()
        stamp = FOLDER / f"installed-{kind}"
        works = _works()
        if works and stamp.exists() and stamp.read_text() == lock_digest:
            return
        if not works:
            with step("Python") as notes:
                _make()
                notes.append(f"{sys.version_info.major}.{sys.version_info.minor} in {FOLDER.name}")
        with step("packages") as notes:
            say(f"  Installing {lock.name}; the first time this takes a minute or two ...")
            # Modules are compiled on first import: compiling all takes as long as the rest.
            pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
            command = [str(PYTHON), *pip, "--require-hashes", "-r", str(lock)]
            if subprocess.run(command, check=False).returncode != 0:
                raise ServiceError("The packages could not be installed; pip says why above.")
            notes.append("installed")
        stamp.write_text(lock_digest)


def _works() -> bool:
    """Whether `.venv` has a working Python with pip."""
    if not PYTHON.exists():
        return False
    probe = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0


def _make() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    result = subprocess.run(
        [sys.executable, "-m", "venv", FOLDER], capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise ServiceError(
            f"{FOLDER} could not be made with {sys.executable}.\n{result.stdout}{result.stderr}"
            "On Debian and Ubuntu this needs the package python3-venv."
        )


def main(arguments: list[str]) -> int:
    try:
        for kind in arguments:
            install(kind)
    except ServiceError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
