"""What comes in about groups, their members and their meetings."""
