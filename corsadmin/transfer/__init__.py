"""Policies as files: read, plan, apply, write."""
