"""Pages of supervision: lists, planning, one session, signing."""
