"""The demo site: a small API whose CORS policy lives in the database."""
