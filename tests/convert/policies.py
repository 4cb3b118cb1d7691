"""Policies to express, and what cors_export writes and says of them."""

import io

from django.core.management import call_command

from tests.factories import OriginFactory, PathRuleFactory


def fill(site, open_path):
    """Give a tenant rules and origins of many kinds; any origin is allowed on `open_path`."""
    PathRuleFactory(
        tenant=site,
        path="/api/",
        credentials=True,
        methods=["GET", "PUT"],
        request_headers=["content-type", "x-other"],
        exposed_headers=["x-total-count"],
        max_age=60,
    )
    PathRuleFactory(tenant=site, path="/api/*/x", methods=["DELETE"], request_headers=[])
    PathRuleFactory(tenant=site, path="/api/{$}", methods=["PATCH"], request_headers=["x-other"])
    PathRuleFactory(tenant=site, path="/{$}", methods=["PUT"])
    PathRuleFactory(tenant=site, path=open_path, any_origin=True)
    PathRuleFactory(
        tenant=site, path="/public/a", any_origin=True, methods=["*"], request_headers=["*"]
    )
    # What a listed origin asks for, also one without credentials.
    stars = {"methods": ["PUT"], "request_headers": ["x-other", "*"]}
    PathRuleFactory(tenant=site, path="/apix", credentials=True, **stars)
    OriginFactory(tenant=site, pattern="https://app.example.com", credentials=True)
    OriginFactory(tenant=site, pattern="https://*.example.org")
    OriginFactory(tenant=site, pattern="http://localhost:*")
    OriginFactory(tenant=site, pattern="https://pr-*.example.net")
    OriginFactory(tenant=site, pattern="https://*--a.example.net:*")
    OriginFactory(tenant=site, pattern="app://Main.1")
    OriginFactory(tenant=site, pattern="moz-extension://*")
    OriginFactory(tenant=site, pattern="https://off.example.com", enabled=False)


def exported(tenant, target, *arguments):
    """Return what is written for another program, and the lines that are said."""
    out, told = io.StringIO(), io.StringIO()
    call_command(
        *("cors_export", "--format", target, "--tenant", tenant, *arguments),
        stdout=out,
        stderr=told,
    )
    return out.getvalue(), told.getvalue().splitlines()
