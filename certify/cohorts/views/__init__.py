"""Pages of cohorts, of enrolments, and of imported lists."""
