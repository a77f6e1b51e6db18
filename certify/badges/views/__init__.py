"""Pages of badges: one's own, the registrar's keys, and what an organisation publishes for everybody."""
