"""What tests stand on: real servers (PostgreSQL, S3, Redis, SMTP, the application), a real browser, checks of pages."""
