"""Web entry: `gunicorn certify.wsgi:app`."""

from certify.app import create_app

app = create_app()
