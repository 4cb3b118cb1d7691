"""The rules of an S3 bucket: what is carried over, and that both then answer alike."""

import json
import sys

import pytest

from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.diagnostics import TransferError
from corsadmin.transfer.sources.s3 import carry_rules
from tests.transfer.sources.carrying import accept_risks, carry_into
from tests.transfer.verdicts import differences, s3

pytestmark = pytest.mark.django_db


RULE = {
    "AllowedOrigins": ["https://*.example.com", "https://app.example.org"],
    "AllowedMethods": ["GET", "PUT"],
    "AllowedHeaders": ["authorization"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 3000,
}
XML = """<?xml version="1.0"?>
<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
 <CORSRule>
  <AllowedOrigin>https://*.example.com</AllowedOrigin>
  <AllowedOrigin>https://app.example.org</AllowedOrigin>
  <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>
  <AllowedHeader>authorization</AllowedHeader>
  <ExposeHeader>ETag</ExposeHeader>
  <MaxAgeSeconds>3000</MaxAgeSeconds>
 </CORSRule>
</CORSConfiguration>"""


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param(json.dumps({"CORSRules": [RULE]}), [RULE], id="JSON of the API"),
        pytest.param(json.dumps([RULE]), [RULE], id="JSON of the console"),
        pytest.param(XML, [RULE], id="XML"),
        pytest.param(
            json.dumps([RULE, {**RULE, "AllowedOrigins": ["http://localhost:3000"]}]),
            [RULE, {**RULE, "AllowedOrigins": ["http://localhost:3000"]}],
            id="two rules that differ in origins only",
        ),
        pytest.param(
            json.dumps([{**RULE, "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}]),
            [{**RULE, "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}],
            id="everybody",
        ),
    ],
)
def test_s3_and_this_answer_alike(text, rules):
    carried = carry_rules(text)
    # S3 gives credentials to plain http too.
    accept_risks(carried)
    carry_into(carried)

    assert carried.remarks == []
    assert differences(s3(rules)) == []


@pytest.mark.parametrize(
    ("rules", "remark"),
    [
        ([RULE, {**RULE, "AllowedMethods": ["DELETE"]}], "rules 2 and on"),
        ([{**RULE, "AllowedOrigins": ["https://a.com", "https://*a.com"]}], "'https://*a.com': "),
        ([{**RULE, "AllowedOrigins": ["http://localhost:*"]}], "asks for a port"),
        ([{**RULE, "AllowedHeaders": ["*", "authorization"]}], "List the headers"),
    ],
)
def test_what_s3_had_is_told_when_it_is_not_carried_over(rules, remark):
    (found,) = carry_rules(json.dumps(rules)).remarks

    assert remark in str(found)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "3",
        "[3]",
        '[{"AllowedOrigins": "*"}]',
        "<CORSConfiguration>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "[" * 100_000,
    ],
)
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(BrokenTextError):
        carry_rules(text)


def test_without_defusedxml_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "defusedxml", None)

    with pytest.raises(BrokenTextError, match="pip install"):
        carry_rules(XML)


def test_a_dangerous_origin_still_needs_its_risk_accepted():
    carried = carry_rules(json.dumps([{**RULE, "AllowedOrigins": ["http://a.example"]}]))

    with pytest.raises(TransferError, match=r"tenants\[0\]\.origins\[0\]\.pattern"):
        carry_into(carried)
