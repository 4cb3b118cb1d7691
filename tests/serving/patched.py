"""A configuration of gunicorn that lets gevent patch Python before the site is imported."""

from gevent import monkey

monkey.patch_all()
