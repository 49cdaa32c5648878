#!/usr/bin/env python3
"""Signs requests with botocore, the signer of the AWS tools, and writes what comes out to signatures.json.

Needs `botocore` from PyPI (made with 1.43.11). Run it again only to add cases: make-signatures.py > signatures.json
"""
import datetime
import hashlib
import json
from unittest import mock
from urllib.parse import quote, urlsplit

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEBYaDH//+token/with==+signs"

CASES = [
    dict(name="plain get", path="/bucket/key"),
    dict(name="bucket at its root, virtual host", host="bucket.s3.eu-central-1.amazonaws.com", path="/", region="eu-central-1"),
    dict(name="port in the host", host="127.0.0.1:9000", path="/bucket/key"),
    dict(name="odd characters in the key", path="/bucket/a b+c&d=e?f#g%25h'i(j)*k!l@m:n,o;p\"q~r-s_t.u"),
    dict(name="key beyond ASCII", path="/bucket/Grüße/写真/🖼.jpg"),
    dict(name="slashes and dots are left alone", path="/bucket/a//b/./c/../d/"),
    dict(name="query order", path="/bucket", query=[["prefix", "a/b c"], ["list-type", "2"], ["max-keys", "10"], ["continuation-token", "1+2/3=="], ["Delimiter", "/"]]),
    dict(name="query order follows the encoded bytes", path="/bucket", query=[["b", "2"], ["B", "1"], ["a-b", "x"], ["a.b", "y"], ["a_b", "z"], ["a", "w"], ["ü", "v"]]),
    dict(name="same name twice", path="/bucket", query=[["x", "2"], ["x", "10"], ["x", "1"]]),
    dict(name="parameter without a value", method="POST", path="/bucket/key", query=[["uploads", ""]]),
    dict(name="part of an upload", method="PUT", path="/bucket/key", query=[["partNumber", "12"], ["uploadId", "a/b+c=="]], body="part"),
    dict(name="blanks in headers", path="/bucket/key", headers=[["x-amz-meta-a", "  one   two\t three  "], ["X-Amz-Meta-B", "plain"]]),
    dict(name="the same header twice", path="/bucket/key", headers=[["x-amz-meta-a", "one"], ["x-amz-meta-a", "two  three"]]),
    dict(name="range", path="/bucket/key", headers=[["range", "bytes=5-99"]]),
    dict(name="body and checksum", method="PUT", path="/bucket/key", headers=[["content-type", "application/octet-stream"], ["x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="], ["if-none-match", "*"]], body="hello world"),
    dict(name="session token", method="DELETE", path="/bucket/key", token=TOKEN),
    dict(name="unsigned payload", method="PUT", path="/bucket/key", body="not looked at", payload="UNSIGNED-PAYLOAD"),
    dict(name="leap day", path="/bucket/key", time="2024-02-29T23:59:59"),
    dict(name="first second of a year", path="/bucket/key", time="2100-01-01T00:00:00"),
    dict(name="signed url", presign=86400, path="/bucket/key"),
    dict(name="signed url with overrides", presign=604800, path="/bucket/a b/ü.png", query=[["response-content-type", "image/png"], ["response-content-disposition", "inline; filename=\"a b.png\"; filename*=UTF-8''%C3%BC.png"]]),
    dict(name="signed url with a token", presign=60, path="/bucket/key", token=TOKEN, region="us-west-2"),
    dict(name="signed url of a virtual host with a port", presign=1, host="bucket.s3.test:8333", path="/key"),
]


def sign(case):
    host = case.get("host", "s3.amazonaws.com")
    region = case.get("region", "us-east-1")
    when = datetime.datetime.fromisoformat(case.get("time", "2013-05-24T00:00:00"))
    credentials = Credentials(ACCESS_KEY, SECRET_KEY, case.get("token"))
    body = case.get("body", "").encode()
    request = AWSRequest(
        method=case.get("method", "GET"), url=f"http://{host}{quote(case['path'], safe='/~')}",
        params=[tuple(pair) for pair in case.get("query", [])], data=body)
    for name, value in case.get("headers", []):
        request.headers[name] = value
    presign = case.get("presign")
    if presign:
        signer = auth.S3SigV4QueryAuth(credentials, "s3", region, expires=presign)
        # The signer wants a mapping here; no case repeats a name.
        request.params = dict(request.params)
    else:
        signer = auth.S3SigV4Auth(credentials, "s3", region)
    if case.get("payload"):
        request.context["client_config"] = mock.Mock(s3={"payload_signing_enabled": False})
    with mock.patch.object(auth, "get_current_datetime", lambda *a, **k: when):
        signer.add_auth(request)
    result = dict(
        name=case["name"], method=request.method, host=host, region=region, path=case["path"],
        query=case.get("query", []), headers=case.get("headers", []), token=case.get("token"),
        time=int(when.replace(tzinfo=datetime.timezone.utc).timestamp()),
        payload_hash=case.get("payload") or hashlib.sha256(body).hexdigest())
    if presign:
        result["lifetime"] = presign
        query = urlsplit(request.url).query
        result["signature"] = query.rsplit("X-Amz-Signature=", 1)[1]
    else:
        result["authorization"] = request.headers["Authorization"]
    return result


print(json.dumps([sign(case) for case in CASES], indent=1, ensure_ascii=False))
