"""nginx's configuration, read and written."""
