"""Tests of certify, one folder per room, beside the services they need."""
