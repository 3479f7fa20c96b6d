"""How the machinery is doing: the page of status, and the same figures for Prometheus.

Reads what the other rooms write. Others add to both through `sections` and `gauges`.
"""

from segments.health.registry import Found, Section, Trouble, gauges, sections

__all__ = ["Found", "Section", "Trouble", "gauges", "sections"]
