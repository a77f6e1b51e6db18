"""Badges: keys, credentials, status lists, pages."""
