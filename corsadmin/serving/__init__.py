"""From a request to a decision, with a snapshot that follows the database."""
