"""Tests of the demo site and its deployment."""
