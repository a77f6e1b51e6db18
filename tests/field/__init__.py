"""Tests of the field: what a phone keeps without a network, and how it comes back."""
