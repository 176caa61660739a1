"""Connectors, one a file named as the URL scheme; the folder is the registry."""
