"""Detectors of insights, one a file; the folder is the registry."""
