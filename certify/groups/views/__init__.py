"""Pages of groups: the groups and their members, the meetings, the attendance, the calendar."""
