"""JSON pointers (RFC 6901): a step down by a key, and the keys that a pointer goes down by."""

from __future__ import annotations


def child(pointer: str, key: str | int) -> str:
    """Return the pointer to a member of what lies at `pointer`: an object's key, a list's index.

    The result can be stored and sent: half of a surrogate pair is written as its number.
    """
    if type(key) is not str:
        return f"{pointer}/{key}"
    if "~" in key or "/" in key:
        key = key.replace("~", "~0").replace("/", "~1")
    if not key.isascii():
        key = key.encode("utf-8", "backslashreplace").decode()
    return f"{pointer}/{key}"


def keys_of(pointer: str) -> list[str]:
    """Return the keys and indexes on the way to a pointer's place, from the whole document down."""
    return [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]
