"""What a browser would send: the form of a page as it was rendered, with some fields changed."""

import re
from html.parser import HTMLParser
from typing import Final

from tests.messages.screens import says

# A browser ends each line of what it sends in the same way, of hidden fields too.
_ENDS: Final = re.compile(r"\r\n|\r|\n")


class _Fields(HTMLParser):
    """Collects the values of a page's main form as a browser would submit them."""

    def __init__(self):
        super().__init__()
        self.values = {}
        self._form = False
        self._select = None
        self._textarea = None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._form = given.get("id") not in {"logout-form", "changelist-search"}
        name = given.get("name")
        if not self._form or "disabled" in given or (name is None and tag != "option"):
            return
        if tag == "input":
            self._take_input(name, given)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._textarea = name
            self.values[name] = ""

    def _take_input(self, name, given):
        kind = given.get("type", "text")
        if kind in {"submit", "button"} or (
            kind in {"checkbox", "radio"} and "checked" not in given
        ):
            return
        self.values[name] = given.get("value", "on" if kind == "checkbox" else "")

    def handle_data(self, data):
        if self._textarea:
            self.values[self._textarea] += data.removeprefix("\r").removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = False
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._textarea = None


def fields_of(response):
    """Return every field of the page's form that is not disabled, with its value."""
    parser = _Fields()
    parser.feed(response.content.decode())
    return {
        name: _ENDS.sub("\r\n", value)
        for name, value in parser.values.items()
        if "__prefix__" not in name
    }


def submit(client, url, changes=None, *, without=(), **extra):
    """Open a page, change fields of its form and send it as a browser would."""
    opened = client.get(url)

    assert opened.status_code == 200, opened
    values = {**fields_of(opened), **(changes or {}), **extra}
    for name in without:
        values.pop(name, None)
    return client.post(url, values)


def errors_of(response):
    """Return all error messages of a page, as text."""
    return [str(message) for error in _errors(response) for message in error.messages]


def codes_of(response):
    """Return the codes of all errors of a page."""
    return {error.code for error in _errors(response)}


def _errors(response):
    forms = [response.context["adminform"].form]
    for inline in response.context.get("inline_admin_formsets", ()):
        forms.extend(inline.formset.forms)
        yield from inline.formset.non_form_errors().as_data()
    for form in forms:
        for errors in form.errors.values():
            yield from errors.as_data()


def without_effect(messages):
    """Return the messages of a page but for the one that says when its change is in force."""
    codes = ("effect-at-once", "effect-within")
    return [one for one in messages if not any(says(str(one), code) for code in codes)]
