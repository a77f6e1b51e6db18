"""Open Badges 3.0: the same facts as a certificate, signed for machines, with status lists anybody may read."""
