"""Import a file in the admin: its form, its plan and the confirmation."""
