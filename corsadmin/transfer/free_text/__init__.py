"""Find origins and hosts in the text that people paste: e-mails, tickets, tables, settings.

Plain Python, one pass, time linear in the length of the text. This package only finds addresses: the
engine decides what is valid and what to write instead. Nothing becomes wider than it was written.
"""
