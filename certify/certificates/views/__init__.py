"""Pages of certificates: the register and the issue (certifying body), one's own, the public check."""
