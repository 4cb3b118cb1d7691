"""Tests of reading and writing nginx's configuration."""
