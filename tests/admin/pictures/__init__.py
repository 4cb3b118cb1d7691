"""Tests of the pictures, of where their parts are first of all."""
