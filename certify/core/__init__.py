"""What every feature stands on: database, authority, audit, jobs, files, mail, pages. Knows no feature."""
