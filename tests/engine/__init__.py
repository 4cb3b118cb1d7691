"""Tests of the engine: no Django, no settings, no database."""
