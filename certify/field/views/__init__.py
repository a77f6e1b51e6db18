"""Views of the field."""
