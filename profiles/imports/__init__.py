"""Imports files of people and events: bytes to rows, rows to records, records to `ingest`."""
