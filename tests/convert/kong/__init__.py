"""Tests of reading Kong's configuration."""
