"""The state of the system: the status page, heartbeats, and the metrics for Prometheus.

Reads what other rooms write. They add their own sections through `segmenter.accounts.status`.
"""
