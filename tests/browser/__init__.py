"""The application as people meet it: clicked, typed and read in a real Chromium."""
