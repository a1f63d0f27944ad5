"""Any request gets a page with all safety headers: never a fault of ours, never a mark that it brought along."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from explainer.guard import HEADERS
from explainer.web import create

LONGEST = 64_000
_PLANTED = "<fuzz>"
SEEDS = (
    b"GET /\n\n",
    b"GET /questions/stage?back_to=answers&missing=1\ncookie: answers=1.leukemia_type:all\n\n",
    b"POST /questions/stage?back_to=explanation\ncookie: answers=1.leukemia_type:all\n\nanswer=induction",
    b"POST /questions/leukemia_type\nsec-fetch-site: same-origin\n\nanswer=all",
    b"POST /questions/stage\norigin: http://x\nhost: x\n\nanswer=%00%ff<fuzz>&answer=",
    b"GET /explanation\nhost: <fuzz>\ncookie: answers=1.leukemia_type:all.stage:finished.look_ahead:true\n\n",
    b'GET /explanation/file\nx-forwarded-proto: https\ncookie: answers=1.stage:relapsed; x="\\"<fuzz>"\n\n',
    b"GET /answers\ncookie: answers=1.stage:finished.-risk_group:high.!\n\n",
    b"POST /clear\ncookie: answers=<fuzz>\n\n",
    b'GET /\ncookie: answers="' + b"\\" * 60_000 + b'"\n\n',
    b"GET /?" + b"a=b&" * 15_000 + b"\n\n",
    b"GET /next\n\n",
    b"GET /cleared\n\n",
    b"HEAD /style.css?v=0\n\n",
    b"OPTIONS /%2e%2e/%2f/etc/passwd\n\n",
    b"GET //evil.example/%0d%0ax:y\n\n",
    b"POST /questions/stage\ncontent-length: 99999999999999999999\n\n",
    b"POST /questions/stage\ncontent-type: multipart/form-data; boundary=x\n\n--x\r\n",
    b"GET /educators/what-if?was=mrd-found&stage=relapsed&mrd=%00\n\n",
    b"GET /educators/compare?a=mrd-found.1&b=stage:induction.mrd:detected\n\n",
    b"GET /educators/why?of=no-remission-yet.2&statement=induction.fourth-drug\n\n",
    b"POST /educators/load\ncontent-type: multipart/form-data; boundary=x\n\n"
    b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nstage: induction\r\n--x--\r\n',
    b"POST /educators/load\ncontent-type: application/x-www-form-urlencoded\n\ntext=id:%20x&go=class.2.9",
    b"POST /educators/save?of=stage:induction\ncontent-type: application/x-www-form-urlencoded\n\n"
    b"title=<fuzz>&story=b&teaches=c&topics=mrd&notice=%0a",
    b"\xff /\xf0\x9f\x92\xa9\ncookie: \x00\n\n" + b"answer=" * 3000,
    *(
        f"GET {path}\n\n".encode()
        for path in ("/example", "/about", "/accessibility", "/method", "/report", "/questions")
    ),
)
WORDS = (
    _PLANTED,
    "answer=",
    "answers=1.",
    "cookie: ",
    "host: ",
    "origin: ",
    "sec-fetch-site: ",
    "POST ",
    "/questions/",
    "%3Cfuzz%3E",
)

_SITE = create()


def attempt(data: bytes) -> None:
    """`data` is written like a request: method and address, header lines, an empty line, the body."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    method, _, address = first.decode("latin-1").partition(" ")
    path, _, query = address.partition("?")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    status, answered, page = _answer(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method.upper() or "GET",
            "path": unquote(path) or "/",
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        },
        body,
    )
    assert status < 500, status
    assert answered.keys() >= {name.lower().encode() for name in HEADERS}
    assert all(b"\n" not in value and b"\r" not in value for value in answered.values())
    is_page = answered.get(b"content-type", b"text/html").startswith(b"text/html")
    assert not is_page or _PLANTED.encode() not in page  # a file that is saved holds what was typed


def _answer(scope: dict[str, Any], body: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and page. The site never waits for anything, so that no event loop is wanted."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    running = _SITE(scope, receive, send).__await__()
    try:
        next(running)
    except StopIteration:
        return sent[0]["status"], dict(sent[0]["headers"]), b"".join(part.get("body", b"") for part in sent)
    raise AssertionError("the site waits for something")
