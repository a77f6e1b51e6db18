"""Verbs of reports: asking for a file, making it outside the request, letting it go."""
