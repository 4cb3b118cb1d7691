"""Find origins and hosts in the text that people paste: e-mails, tickets, tables, settings.

Plain Python, one pass, time linear in the text. What is valid, and what to write instead, the engine
says; here it is only found, and nothing is ever made wider than it was written.
"""
