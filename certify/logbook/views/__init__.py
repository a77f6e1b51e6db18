"""Pages of the logbook: writing (the trainee), reading (the trainee and the staff), reviewing (the trainer)."""
