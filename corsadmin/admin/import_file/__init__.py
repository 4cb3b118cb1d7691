"""Import a file on a page: its form, its plan and the confirmation."""
