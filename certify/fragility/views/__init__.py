"""Pages of fragility: the procedure, a facilitator's own coded actions, and what the staff may count."""
