"""The inbox: refused origins that nobody has allowed or dismissed yet."""
