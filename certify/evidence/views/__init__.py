"""Pages and files of evidence, and of prior learning."""
