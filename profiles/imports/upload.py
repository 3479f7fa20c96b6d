"""Streams an uploaded file into rows of the database: no copy on disk or in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers, StopUpload
from django.http import HttpRequest

from profiles.imports.encoding_choice import write_detection
from profiles.imports.jobs import CHUNK, JobSource
from profiles.imports.layout import detect_layout, is_json_lines
from profiles.imports.source import TextScan, Unreadable
from profiles.models import ImportChunk, ImportJob, ImportStatus
from segmenter.accounts.models import Account

_MOST_NAME = 200


class Upload(FileUploadHandler):
    """Receives one file of a form into a new job's rows.

    Afterwards `job` is the job, or None with the reason in `error`. The job is incomplete until
    `finish`, and must be discarded if that is never called.
    """

    chunk_size = CHUNK

    def __init__(
        self,
        request: HttpRequest,
        *,
        account: Account,
        most: int,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(request)
        self.job: ImportJob | None = None
        self.error = ""
        self._account = account
        self._most = most
        self._clock = clock
        self._buffer = bytearray()
        self._number = 0
        self._size = 0
        self._scan = TextScan("")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.job is None and not self.error:
            name = (self.file_name or "file")[-_MOST_NAME:]
            self._scan = TextScan(name, most=self._most)
            at = self._clock()
            self.job = ImportJob.objects.create(
                account=self._account,
                kind="profiles",
                file_name=name,
                status=ImportStatus.MAPPING,
                settings={"uploading": True},
                created=at,
                heartbeat=at,
            )
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.error:
            raise StopUpload(connection_reset=True)
        self._size += len(raw_data)
        if self._size > self._most:
            self._refuse(f"The file is larger than {self._most:,} bytes.")
        try:
            self._scan.feed(raw_data)
        except Unreadable as error:
            self._refuse(str(error))
        self._buffer += raw_data
        while len(self._buffer) >= CHUNK:
            self._write(bytes(self._buffer[:CHUNK]))
            del self._buffer[:CHUNK]
        return None

    def file_complete(self, file_size: int) -> None:
        if self._buffer:
            self._write(bytes(self._buffer))
            self._buffer.clear()

    def upload_interrupted(self) -> None:
        self.discard()

    def discard(self) -> None:
        """Delete the received data."""
        if self.job is not None:
            self.job.delete()
            self.job = None

    def finish(self, kind: str) -> ImportJob:
        """Detect the layout of the file and return its job. Deletes it and raises Unreadable."""
        if self.job is None:
            raise Unreadable(self.error or "Choose a file first.")
        job = self.job
        job.kind, job.bytes_total = kind, self._size
        try:
            detection = self._scan.detection()
            layout = detect_layout(JobSource(job), detection=detection)
        except Unreadable:
            self.discard()
            raise
        job.settings = {
            "detection": write_detection(detection),
            "delimiter": layout.delimiter,
            "json_lines": is_json_lines(job.file_name),
        }
        job.save()
        return job

    def _refuse(self, reason: str) -> None:
        self.error = reason
        self.discard()
        raise StopUpload(connection_reset=True)

    def _write(self, content: bytes) -> None:
        assert self.job is not None
        ImportChunk.objects.create(job=self.job, part="file", number=self._number, content=content)
        self._number += 1
        ImportJob.objects.filter(pk=self.job.pk).update(heartbeat=self._clock())
