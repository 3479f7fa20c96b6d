"""How the machinery is doing: the status page, heartbeats, and the figures for Prometheus.

Reads what other rooms write; they add their own sections through `segmenter.accounts.status`.
"""
