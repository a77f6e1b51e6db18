"""Pages of juries: the sessions, their composition, the candidates' files and the decisions, the minutes."""
