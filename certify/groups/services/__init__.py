"""The verbs of groups, of their members, and of their meetings."""
