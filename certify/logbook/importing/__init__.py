"""Reading a logbook kept in a spreadsheet: cells as people type them, columns as they name them, rows as they are."""
