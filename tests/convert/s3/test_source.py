"""The rules of an S3 bucket: what is carried over, and that both then answer alike."""

import json
import sys

import pytest

from corsadmin.convert.s3.source import read_policies
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.diagnostics import TransferError
from tests.convert.importing import accept_risks, import_into
from tests.convert.verdicts import FEW, differences, openings, s3
from tests.messages.screens import filled, pattern, text

pytestmark = pytest.mark.django_db


RULE = {
    "AllowedOrigins": ["https://*.example.com", "https://app.example.org"],
    "AllowedMethods": ["GET", "POST", "PUT"],
    "AllowedHeaders": ["authorization"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 3000,
}
XML = """<?xml version="1.0"?>
<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
 <CORSRule>
  <AllowedOrigin>https://*.example.com</AllowedOrigin>
  <AllowedOrigin>https://app.example.org</AllowedOrigin>
  <AllowedMethod>GET</AllowedMethod><AllowedMethod>POST</AllowedMethod>
  <AllowedMethod>PUT</AllowedMethod>
  <AllowedHeader>authorization</AllowedHeader>
  <ExposeHeader>ETag</ExposeHeader>
  <MaxAgeSeconds>3000</MaxAgeSeconds>
 </CORSRule>
</CORSConfiguration>"""


TERRAFORM = {
    "allowed_origins": RULE["AllowedOrigins"],
    "allowed_methods": RULE["AllowedMethods"],
    "allowed_headers": RULE["AllowedHeaders"],
    "expose_headers": RULE["ExposeHeaders"],
    "max_age_seconds": 3000,
    "id": "one",
}
CLOUD_FORMATION = {
    "AllowedOrigins": RULE["AllowedOrigins"],
    "AllowedMethods": RULE["AllowedMethods"],
    "AllowedHeaders": RULE["AllowedHeaders"],
    "ExposedHeaders": RULE["ExposeHeaders"],
    "MaxAge": 3000,
}


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param(json.dumps({"CORSRules": [RULE]}), [RULE], id="JSON of the API"),
        pytest.param(json.dumps([RULE]), [RULE], id="JSON of the console"),
        pytest.param(XML, [RULE], id="XML"),
        pytest.param(
            json.dumps({"CorsConfiguration": {"CorsRules": [CLOUD_FORMATION]}}),
            [RULE],
            id="JSON of CloudFormation",
        ),
        pytest.param(json.dumps({"cors_rule": [TERRAFORM]}), [RULE], id="JSON of Terraform"),
        pytest.param(
            json.dumps([RULE, {**RULE, "AllowedOrigins": ["http://localhost:3000"]}]),
            [RULE, {**RULE, "AllowedOrigins": ["http://localhost:3000"]}],
            id="two rules that differ in origins only",
        ),
        pytest.param(
            json.dumps([{**RULE, "AllowedHeaders": ["*", "authorization"]}]),
            [{**RULE, "AllowedHeaders": ["*", "authorization"]}],
            id="all headers of listed origins",
        ),
        pytest.param(
            json.dumps([{**RULE, "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}]),
            [{**RULE, "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}],
            id="everybody",
        ),
    ],
)
def test_s3_and_this_answer_alike(text, rules):
    conversion = read_policies(text)
    # S3 gives credentials to plain http too.
    accept_risks(conversion)
    import_into(conversion)

    assert conversion.remarks == []
    assert differences(s3(rules)) == []


UPLOADS = {**RULE, "AllowedMethods": ["PUT"], "AllowedOrigins": ["https://app.example.com"]}
EVERYBODY = {**RULE, "AllowedOrigins": ["*"]}


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("rules", "origins"),
    [
        pytest.param([UPLOADS], [], id="uploads alone"),
        pytest.param(
            [UPLOADS, {**RULE, "AllowedMethods": ["GET", "POST"]}],
            RULE["AllowedOrigins"],
            id="uploads before what may be read",
        ),
        pytest.param([UPLOADS, EVERYBODY], [], id="everybody after uploads"),
        pytest.param(
            [{**EVERYBODY, "AllowedMethods": ["PUT"]}, RULE], [], id="everybody's uploads before"
        ),
        pytest.param(
            [{**UPLOADS, "ExposeHeaders": []}, {**RULE, "AllowedOrigins": ["http://localhost"]}],
            ["http://localhost"],
            id="uploads of another origin",
        ),
        pytest.param(
            [{**UPLOADS, "ExposeHeaders": []}, {**UPLOADS, "AllowedMethods": ["GET", "PUT"]}],
            [],
            id="an earlier rule that exposes less",
        ),
        pytest.param(
            [{**RULE, "AllowedHeaders": ["x-*", "*"], "ExposeHeaders": ["x-*", "*"]}],
            RULE["AllowedOrigins"],
            id="patterns of headers",
        ),
        pytest.param(
            [{**EVERYBODY, "AllowedHeaders": ["auth*"], "ExposeHeaders": ["*"]}],
            [],
            id="patterns of headers for everybody",
        ),
        pytest.param(
            [{**RULE, "AllowedMethods": ["GET", "put", "*"]}],
            RULE["AllowedOrigins"],
            id="methods that S3 does not have",
        ),
    ],
)
def test_nothing_is_opened_that_s3_keeps_closed(rules, origins):
    conversion = read_policies(json.dumps(rules))
    accept_risks(conversion)
    import_into(conversion)

    assert conversion.remarks != []
    assert [origin["pattern"] for origin in conversion.origins] == origins
    assert openings(s3(rules), origins=FEW) == []


@pytest.mark.parametrize(
    ("rules", "remark"),
    [
        ([RULE, {**RULE, "AllowedMethods": ["GET"]}], "rule 2 (https://*.example.com, https://app"),
        ([{**RULE, "AllowedOrigins": ["https://a.com", "https://*a.com"]}], "'https://*a.com': "),
        ([{**RULE, "AllowedOrigins": ["http://localhost:*"]}], text("convert-s3-port")),
        ([{**RULE, "AllowedOrigins": ["https://a.com", "a.com"]}], "AllowedOrigins 'a.com': "),
        (
            [{**RULE, "AllowedHeaders": ["x-amz-*"]}],
            "AllowedHeaders 'x-amz-*': " + text("convert-no-header-patterns"),
        ),
        ([{**RULE, "ExposeHeaders": ["*"]}], "ExposeHeaders '*': " + text("convert-s3-no-star")),
        (
            [{**RULE, "AllowedMethods": ["GET", "POST", "PATCH"]}],
            "'PATCH': " + text("convert-s3-no-method"),
        ),
        (
            [{**RULE, "AllowedMethods": ["GET"]}],
            "AllowedMethods without POST: "
            + filled("convert-simple-methods", done=text("convert-s3-simple-methods")),
        ),
        (
            [UPLOADS],
            "rule 1 (https://app.example.com): " + filled("convert-s3-without-get", methods="PUT"),
        ),
    ],
)
def test_what_s3_had_is_told_when_it_is_not_carried_over(rules, remark):
    (found,) = read_policies(json.dumps(rules)).remarks

    assert remark in str(found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", pattern("convert-no-json")),
        ("3", pattern("convert-wrong-type", expected="a list of rules", found="number 3")),
        ("[3]", "rule 1: " + pattern("convert-wrong-type", expected="an object", found="number 3")),
        ("{}", pattern("convert-wrong-type", expected="a list of rules", found="object")),
        ("[]", pattern("convert-s3-no-rules")),
        ('{"CORSRules": []}', pattern("convert-s3-no-rules")),
        (
            '{"CORSRules": [], "x": 1}',
            pattern("convert-s3-unknown-key", place="beside the rules", key="x"),
        ),
        (
            '[{"AllowedOrigins": "*"}]',
            "rule 1.AllowedOrigins: " + pattern("convert-wrong-type", expected="a list of strings"),
        ),
        (
            '[{"AllowedOrigin": ["*"], "AllowedOrigins": []}]',
            pattern("convert-s3-twice", place="rule 1", name="AllowedOrigins"),
        ),
        (
            '[{"AllowedOrigins": ["*"]}]',
            pattern("convert-s3-lacks", place="rule 1", name="AllowedMethods"),
        ),
        (
            '[{"AllowedMethods": ["GET"]}]',
            pattern("convert-s3-lacks", place="rule 1", name="AllowedOrigins"),
        ),
        (
            '[{"allowedOrigins": ["*"]}]',
            pattern("convert-s3-unknown-key", place="rule 1", key="allowedOrigins"),
        ),
        (
            '[{"origin": ["*"], "method": ["GET"], "maxAgeSeconds": 60}]',
            pattern("convert-s3-google"),
        ),
        ("<CORSConfiguration>", pattern("convert-s3-no-xml")),
        ("<html/>", pattern("convert-s3-root", root="html", expected="CORSConfiguration")),
        ("<CORSConfiguration/>", pattern("convert-s3-no-rules")),
        (
            "<CORSConfiguration><Rule/></CORSConfiguration>",
            pattern("convert-s3-unknown-key", place="rule 1", key="Rule"),
        ),
        (
            "<CORSConfiguration><CORSRule><Origin>*</Origin></CORSRule></CORSConfiguration>",
            pattern("convert-s3-unknown-key", place="rule 1", key="Origin"),
        ),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', pattern("convert-s3-no-xml")),
        pytest.param("[" * 100_000, pattern("convert-no-json"), id="deep nesting"),
    ],
)
def test_what_cannot_be_read_is_refused(text, reason):
    with pytest.raises(BrokenTextError, match=reason):
        read_policies(text)


def test_without_defusedxml_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "defusedxml", None)

    with pytest.raises(BrokenTextError, match="pip install"):
        read_policies(XML)


def test_a_dangerous_origin_still_needs_its_risk_accepted():
    conversion = read_policies(json.dumps([{**RULE, "AllowedOrigins": ["http://a.example"]}]))

    with pytest.raises(TransferError, match=r"tenants\[0\]\.origins\[0\]\.pattern"):
        import_into(conversion)
