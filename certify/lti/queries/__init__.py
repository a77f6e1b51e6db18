"""Reads of LTI."""
