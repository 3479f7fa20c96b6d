"""Storage that speaks Amazon's S3: AWS, MinIO, Cloudflare R2, Backblaze and others.

Requests are signed with Signature Version 4 and go out by `engine.http_request`: to public
addresses over https, resolved once. A file appears under its name when all of it is there.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid
from segments.destinations.kind import DestinationAccess
from segments.destinations.store import file_stores
from segments.engine.addresses import Unreachable, read_url, resolve
from segments.engine.http_request import Answer, context_for, send_request
from segments.engine.remote_call import ApiField, NeedsAttention, TryAgain, is_passing

PART = 8 << 20
"""Bytes of a file that are sent in one request; larger files are sent in parts of this size."""
MOST_PARTS = 10_000
"""That S3 takes."""
_SECONDS, _LOOK_UP = 60.0, 5.0
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_CODE = re.compile(r"<Code>([^<]{1,100})</Code>")
_UPLOAD = re.compile(r"<UploadId>([^<]{1,1000})</UploadId>")
_PROBE = "segmenter-check.txt"


class S3Store:
    label = _("S3 storage")
    text = _("A bucket at Amazon S3, MinIO, Cloudflare R2 or another store that speaks S3.")
    rank = 20
    fixed: Mapping[str, Any] = {}
    most_rows = None
    fields = (
        ApiField("endpoint", _("Address"), _("As https://s3.eu-north-1.amazonaws.com")),
        ApiField("region", _("Region"), _("As eu-north-1; auto at Cloudflare R2")),
        ApiField("bucket", _("Bucket")),
        ApiField("prefix", _("Folder"), _("Before the name, as reports/daily"), is_required=False),
        ApiField("access_key", _("Access key ID")),
        ApiField("secret_key", _("Secret access key"), is_secret=True),
    )

    def check(self, access: DestinationAccess) -> str:
        bucket = _Bucket(access)
        bucket.request("PUT", _PROBE, body=b"Segmenter can write here.\n")
        self.delete(access, _PROBE)
        return bucket.place("")

    def put(self, access: DestinationAccess, name: str, path: Path) -> str:
        bucket = _Bucket(access)
        size = path.stat().st_size
        if size > PART * MOST_PARTS:
            raise NeedsAttention(gettext("The file is too large for S3."))
        with path.open("rb") as file:
            if size <= PART:
                bucket.request("PUT", name, body=file.read())
                return bucket.place(name)
            upload = _upload_id(bucket.request("POST", name, {"uploads": ""}))
            try:
                tags: list[str] = []
                while part := file.read(PART):
                    query = {"partNumber": str(len(tags) + 1), "uploadId": upload}
                    tags.append(_etag(bucket.request("PUT", name, query, part)))
                bucket.complete(name, upload, tags)
            except BaseException:
                bucket.abort(name, upload)
                raise
        return bucket.place(name)

    def delete(self, access: DestinationAccess, name: str) -> None:
        _Bucket(access).request("DELETE", name, absent_is_fine=True)


class _Bucket:
    """A bucket, and who may write into it."""

    def __init__(self, access: DestinationAccess) -> None:
        """Raises NeedsAttention for settings that are none."""
        own = access.settings
        self._endpoint = own["endpoint"].strip().rstrip("/")
        self._region, self._name = own["region"].strip(), own["bucket"].strip()
        self._prefix = own.get("prefix", "").strip().strip("/")
        self._key, self._secret = own["access_key"].strip(), access.secrets["secret_key"].strip()
        if not _BUCKET.fullmatch(self._name) or ".." in self._name:
            raise NeedsAttention(gettext("This is no name of a bucket."))
        if not _REGION.fullmatch(self._region):
            raise NeedsAttention(gettext("This is no region, such as eu-north-1."))
        if not self._prefix.isprintable() or {".", ".."} & set(self._prefix.split("/")):
            raise NeedsAttention(gettext("This is no name of a folder."))
        if not re.fullmatch(r"[!-~]{3,128}", self._key):
            raise NeedsAttention(gettext("This is no access key ID."))
        try:
            endpoint = read_url(self._endpoint)
        except Invalid as failure:
            raise NeedsAttention(str(failure)) from None
        if endpoint.path != "/":
            raise NeedsAttention(
                gettext(
                    "The address must end after the host: the bucket and the "
                    "folder have fields of their own."
                )
            )

    def place(self, name: str) -> str:
        return f"s3://{self._name}/{self._object(name)}"

    def request(
        self,
        method: str,
        name: str,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        absent_is_fine: bool = False,
    ) -> Answer:
        """Send a signed request; return the answer if it is 2xx.

        Raises TryAgain or NeedsAttention, with S3's code.
        """
        words = "&".join(
            f"{quote(key, safe='')}={quote(value, safe='')}"
            for key, value in sorted((query or {}).items())
        )
        path = "/" + quote(f"{self._name}/{self._object(name)}", safe="/")
        try:
            endpoint = read_url(f"{self._endpoint}{path}" + (f"?{words}" if words else ""))
            addresses = resolve(endpoint, seconds=_LOOK_UP)
        except Unreachable as failure:
            raise TryAgain(f"{failure.reason.label} {failure.detail}".strip()) from None
        except Invalid as failure:
            raise NeedsAttention(str(failure)) from None
        standard = 443 if endpoint.secure else 80
        host = endpoint.host if endpoint.port == standard else f"{endpoint.host}:{endpoint.port}"
        headers = self._sign(method, host, path, words, body)
        answer = send_request(
            endpoint,
            addresses,
            {**headers, "connection": "close"},
            body,
            context=context_for(endpoint),
            method=method,
            seconds=_SECONDS,
        )
        if answer.status is None:
            raise TryAgain(f"{answer.error.label if answer.error else ''} {answer.text}".strip())
        if answer.error is None or (absent_is_fine and _code(answer) == "NoSuchKey"):
            return answer
        code = f"{answer.status} {_code(answer)}".strip()
        if is_passing(answer.status):
            raise TryAgain(code)
        raise NeedsAttention(gettext("The storage refused: %(code)s") % {"code": code})

    def complete(self, name: str, upload: str, tags: list[str]) -> None:
        """Make one object of its parts."""
        parts = "".join(
            f"<Part><PartNumber>{place}</PartNumber><ETag>{escape(tag)}</ETag></Part>"
            for place, tag in enumerate(tags, 1)
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        answer = self.request("POST", name, {"uploadId": upload}, body)
        if _code(answer):  # S3 may say 200 before it fails
            raise TryAgain(_code(answer))

    def abort(self, name: str, upload: str) -> None:
        """Have the parts of an upload deleted, if the storage can be reached."""
        try:
            self.request("DELETE", name, {"uploadId": upload})
        except (TryAgain, NeedsAttention):
            return

    def _object(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _sign(self, method: str, host: str, path: str, query: str, body: bytes) -> dict[str, str]:
        headers = {
            "host": host,
            "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
            "x-amz-date": now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"),
        }
        headers["authorization"] = authorization(
            method, path, query, headers, self._key, self._secret, self._region
        )
        return headers


def authorization(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    key: str,
    secret: str,
    region: str,
) -> str:
    """The Authorization header of AWS Signature Version 4, for the service S3.

    `headers` are all that are signed, by name in small letters, `x-amz-date` and
    `x-amz-content-sha256` among them; `path` and `query` are encoded, and the query is sorted.
    """
    instant, digest = headers["x-amz-date"], headers["x-amz-content-sha256"]
    day = datetime.strptime(instant, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).strftime("%Y%m%d")
    scope = f"{day}/{region}/s3/aws4_request"
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = "\n".join([method, path, query, lines, names, digest])
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    signing = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", instant, scope, hashed])
    signature = hmac.digest(signing, text.encode(), "sha256").hex()
    return (
        f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )


def _code(answer: Answer) -> str:
    match = _CODE.search(answer.text)
    return match[1] if match else ""


def _upload_id(answer: Answer) -> str:
    match = _UPLOAD.search(answer.content.decode("utf-8", "replace"))
    if match is None:
        raise NeedsAttention(gettext("The storage did not answer as S3 does."))
    return match[1]


def _etag(answer: Answer) -> str:
    return answer.headers.get("etag", "")


file_stores.add("s3", S3Store())
