"""Pages of LTI."""
