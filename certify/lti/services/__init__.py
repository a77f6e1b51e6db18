"""The verbs of LTI."""
