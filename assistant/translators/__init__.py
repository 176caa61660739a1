"""Translators, one a file or package; the folder is the registry."""
