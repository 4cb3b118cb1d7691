"""The CORS rules of an S3 bucket, read and written."""
