"""Files of people and events on their way in: bytes to rows, rows to records, records to ingest.

Knows neither commands nor pages; writes facts through `profiles.ingest` alone.
"""
