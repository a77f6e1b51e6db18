"""Civil identities: what a certification asks of a person's civil status, from a document, corrected with a trace."""
