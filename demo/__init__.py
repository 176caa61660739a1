"""A fictitious outdoor retailer, Bergluft Outdoor, in real databases."""

from demo.build import Running, build, start

__all__ = ["Running", "build", "start"]
