"""Tests of reading and writing the CORS rules of S3."""
