"""Job consumer entry: `python -m certify.worker`."""

from certify.app import create_app
from certify.core import jobs

if __name__ == "__main__":
    jobs.run_worker(create_app())
