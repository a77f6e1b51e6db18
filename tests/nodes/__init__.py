"""The application as several processes: workers that are killed, two nodes side by side, twenty forms at once."""
