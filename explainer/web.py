"""The questionnaire and its explanation on the web: server-rendered pages that work without scripts.

The server keeps no state: the answers come along with each request in a cookie (explainer/cookie.py), so any number
of workers or machines answer alike. All words are in rules/ and templates/.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any, Literal, TypedDict
from urllib.parse import parse_qs, quote, urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match, Route, Router

from explainer import cookie, digest, metrics, review
from explainer.compose import Composer
from explainer.compose import composer as shipped_composer
from explainer.cookie import Visit
from explainer.guard import Guard, KnownHosts, below_prefix
from explainer.interview import Interview
from explainer.kept import kept
from explainer.knowledge import Option, Question, Scenario
from explainer.logic import TRUE, UNKNOWN, fields_of, holds
from explainer.profile import ProfileModel
from explainer.render import render, render_template
from explainer.report import context as report_context
from explainer.resources import folder
from explainer.workbench import Workbench

_ASSETS = {
    "style.css": "text/css",
    "script.js": "text/javascript",
    "workbench.css": "text/css",
    "workbench.js": "text/javascript",
}
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_LEADING_BACK = ("answers", "explanation")
"""Pages that open a single question; its answer leads back there."""
_REFUSED, _NOT_FOUND = 400, 404


class CookieScope(TypedDict):
    """Where and how a browser may send the cookie back."""

    path: str
    secure: bool
    httponly: bool
    samesite: Literal["strict"]


def create(
    *,
    hosts: Sequence[str] = (),
    prefix: str = "",
    contact: str = "",
    composer: Composer | None = None,
    counted: digest.Digest | None = None,
) -> Starlette:
    """The web application, for any ASGI server.

    `hosts` are the names by which a request may call this server (any, if none is given). `prefix` is the path in front
    of all pages. `contact` tells visitors how to reach whoever runs it. `composer` brings other knowledge than the
    package's, and `counted` what was counted of it.
    """
    if composer is None:
        composer, counted = shipped_composer(), digest.readable(folder("rules"))
    site = _Site(composer, contact, counted)
    middleware = [Middleware(Guard, refuse=site.refuse, prefix=prefix)]
    if hosts:
        middleware.append(Middleware(KnownHosts, hosts=hosts, refuse=site.refuse))
    app = Starlette(routes=site.router.routes, middleware=middleware, exception_handlers={HTTPException: site.failed})
    app.router.redirect_slashes = False  # its redirects name the host that a request claims; `failed` has our own
    return app


class _Site:
    """Every page, for one knowledge."""

    def __init__(self, composer: Composer, contact: str, counted: digest.Digest | None) -> None:
        self.composer = composer
        self.knowledge = composer.knowledge
        self.contact = contact
        self.counted = counted
        self.standing = review.standing(self.knowledge)
        assets = {name: (folder("templates") / name).read_bytes() for name in _ASSETS}
        self.assets = {name: (raw, hashlib.sha256(raw).hexdigest()[:12]) for name, raw in assets.items()}
        self.router = Router(self._routes())
        self.kept_page = kept(self._explanation)

    def _routes(self) -> list[Route]:
        return [
            Route("/", self.start),
            Route("/questions", self.go_on),
            Route("/questions/{field}", self.question, methods=["GET", "POST"]),
            Route("/next", self.next),
            Route("/answers", self.answers),
            Route("/explanation", self.explanation),
            Route("/explanation/file", self.file),
            Route("/clear", self.clear, methods=["POST"]),
            Route("/cleared", self.cleared),
            Route("/example", self.example),
            Route("/about", self.about),
            Route("/accessibility", self.accessibility),
            Route("/method", self.method),
            Route("/report", self.report),
            *Workbench(self.composer, self.page, _url).routes(),
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            *(Route(f"/{name}", partial(self.asset, name), name=name) for name in self.assets),
        ]

    # --- the way through ---------------------------------------------------------------------

    async def start(self, request: Request) -> Response:
        gone = "gone" in request.query_params
        return self.page(request, "start", count=len(Interview(self.knowledge).asked), gone=gone)

    async def go_on(self, request: Request) -> Response:
        """Where the visitor left off: the first open question, or else the answers."""
        return _redirect(_first_open(request, self._visit(request).interview))

    async def question(self, request: Request) -> Response:
        """Asks one question; or takes its answer, and shows what comes of it after a redirect."""
        name = request.path_params["field"]
        if name not in self.knowledge.profile.questions:
            raise HTTPException(404)
        if request.method == "POST":
            return await self._answered(request, name)
        is_missing = "missing" in request.query_params and name not in self._visit(request).interview.given
        return self._asked(request, name, error="missing" if is_missing else None)

    def _asked(self, request: Request, name: str, error: str | None) -> Response:
        interview = self._visit(request).interview
        question = self.knowledge.question(name)
        if not _may_answer(interview, question):
            gone = _url(request, "start", gone="1")
            return _redirect(_first_open(request, interview) if interview.given else gone)
        place = interview.place(name)
        return self.page(
            request,
            "question",
            status=422 if error else 200,
            question=question,
            number=place + 1,
            before=interview.asked[place - 1] if place else None,
            back_to=_back_to(request),
            error=error,
            hard_words=self.composer.glossary.used_in(_texts(question)),
        )

    async def _answered(self, request: Request, name: str) -> Response:
        form = parse_qs((await request.body()).decode("latin-1"), keep_blank_values=True)
        skips = "skip" in form
        value = form.get("answer", [UNKNOWN if skips else None])[-1]
        if value is None:  # told after a redirect, too, so that Reload never asks to send a form again
            return _redirect(_url(request, "question", field=name, back_to=_back_to(request), missing="1"))
        if value not in self.knowledge.profile.questions[name].accepted:  # no page of ours sends this
            return self._asked(request, name, error="not-an-option")
        visit = self._visit(request)
        if not visit.interview.given and not _may_answer(visit.interview, self.knowledge.question(name)):
            return _redirect(_url(request, "start", gone="1"))  # the page has outlived its answers
        interview = visit.interview.answer(name, value)
        is_first = _sent(request) is None
        after = _url(request, "answers") if skips else self._after(request, interview, name)
        response = _redirect(_url(request, "next", skip="1" if skips else "") if is_first else after)
        _keep(request, response, Visit(interview, afresh=visit.broken))
        return response

    async def next(self, request: Request) -> Response:
        """Where the first answer leads. A browser that brings no cookie here does not keep any."""
        if _sent(request) is None:
            return self.page(request, "cookies")
        return _redirect(_url(request, "answers")) if "skip" in request.query_params else await self.go_on(request)

    async def answers(self, request: Request) -> Response:
        self._begun(request)
        return self.page(request, "answers")

    async def explanation(self, request: Request) -> Response:
        visit = self._begun(request)
        profile = visit.interview.profile
        page = self.kept_page(profile, visit.afresh, _root(request), str(request.base_url), _today())
        metrics.explained(self.kept_page.cache_info())
        return HTMLResponse(page)

    def _explanation(self, profile: ProfileModel, afresh: bool, root: str, home: str, day: date) -> bytes:
        """The page for one profile. It is kept for others, so it is told of a visitor nothing but what is asked for."""
        interview = Interview(self.knowledge, profile.answers)
        text = self._text(
            "explanation",
            Visit(interview, afresh=afresh),
            root,
            explanation=self.composer.explain(profile, made_on=day),
            choices=list(_choices(interview)),
            home=home,
        )
        return text.encode()

    async def file(self, request: Request) -> Response:
        """The explanation as one file to keep."""
        profile = self._begun(request).interview.profile
        page = render(self.composer.explain(profile, made_on=_today()), "html")
        metrics.explained()
        return HTMLResponse(page, headers={"Content-Disposition": 'attachment; filename="explanation.html"'})

    async def clear(self, request: Request) -> Response:
        response = _redirect(_url(request, "cleared"))
        response.headers["Clear-Site-Data"] = '"cache"'  # "cookies" would end the visits to all sites of the domain
        _forget(request, response)
        return response

    async def cleared(self, request: Request) -> Response:
        return self.page(request, "cleared")

    # --- what is the same for everybody --------------------------------------------------------

    async def example(self, request: Request) -> Response:
        """A made-up child, for those who are not ready to answer."""
        child = self._example_child
        if child is None:
            raise HTTPException(404)
        explanation = self.composer.explain(self.knowledge.profile.read(dict(child.profile)))
        metrics.explained()
        return self.page(request, "example", child=child, explanation=explanation, choices=[])

    async def about(self, request: Request) -> Response:
        return self.page(request, "about")

    async def accessibility(self, request: Request) -> Response:
        return self.page(request, "accessibility")

    async def method(self, request: Request) -> Response:
        return self.page(request, "method", phrasing=self.composer.phrasing, everyone=TRUE)

    async def report(self, request: Request) -> Response:
        """Every rule for a hospital's reviewer. Checks are not run here: what they counted lies beside the rules."""
        return self.page(request, "report", **self._report)

    async def asset(self, name: str, request: Request) -> Response:
        raw, digest = self.assets[name]
        is_this = request.query_params.get("v") == digest
        return Response(
            raw, media_type=_ASSETS[name], headers={"Cache-Control": _FOR_A_YEAR if is_this else "no-cache"}
        )

    # --- for those who look after the server ----------------------------------------------------

    async def live(self, _: Request) -> Response:
        """Says that this process answers at all."""
        return PlainTextResponse("live\n")

    async def ready(self, _: Request) -> Response:
        """Says that this process can do its work, by doing some of it. Else the fault is logged, and is a 500."""
        self.composer.explain(self.knowledge.profile())
        return PlainTextResponse("ready\n")

    # --- what goes wrong -----------------------------------------------------------------------

    async def failed(self, request: Request, error: Exception) -> Response:
        """What a page raised: a refusal with its own page, or a redirect."""
        assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these alone
        if error.status_code < _REFUSED:
            return Response(status_code=error.status_code, headers=error.headers)
        if error.status_code == _NOT_FOUND and (meant := self._without_slash(request)):
            return _redirect(meant)
        response = self.refuse(request, error.status_code)
        response.headers.update(error.headers or {})
        return response

    def _without_slash(self, request: Request) -> str | None:
        """The address of the page that was meant by one with a slash after it. It is ours, and names no host."""
        path = request.scope["path"].rstrip("/")
        there = {**request.scope, "path": path}
        is_page = any(route.matches(there)[0] is Match.FULL for route in self.router.routes)
        if path == request.scope["path"] or request.method not in ("GET", "HEAD") or not is_page:
            return None
        query = request.scope["query_string"].decode("latin-1")
        return f"{quote(path)}?{query}" if query else quote(path)

    def refuse(self, request: Request, status: int) -> Response:
        teaching = below_prefix(request.scope).startswith("/educators")
        return self.page(request, "error", status=status, teaching=teaching)

    # --- what pages stand on --------------------------------------------------------------------

    def page(self, request: Request, name: str, *, status: int = 200, **context: object) -> Response:
        """A page of templates/web/ with what all pages know, and what it needs besides."""
        visit = self._visit(request)
        response = HTMLResponse(self._text(name, visit, _root(request), status=status, **context), status)
        if visit.broken:
            _forget(request, response)
        return response

    def _text(self, name: str, visit: Visit, root: str, **context: object) -> str:
        url = partial(_path, self.router, root)
        return render_template(
            f"web/{name}.html",
            knowledge=self.knowledge,
            visit=visit,
            interview=visit.interview,
            unknown=UNKNOWN,
            standing=self.standing,
            reviews=self.composer.reviews,
            example_child=self._example_child,
            contact=self.contact,
            url=url,
            asset=lambda name: f"{url(name)}?v={self.assets[name][1]}",
            **context,
        )

    def _after(self, request: Request, interview: Interview, name: str) -> str:
        """Where an answer leads: on to the next question, or back to the page that led to this one."""
        back_to = _back_to(request)
        if back_to == "explanation":
            return f"{_url(request, back_to)}#{self._brought(interview, name)}"
        if back_to == "answers":
            return _first_open(request, interview)
        later = itertools.dropwhile(lambda question: question.field != name, interview.asked)
        return _question_or_answers(request, next(itertools.islice(later, 1, None), None))

    def _brought(self, interview: Interview, name: str) -> str:
        """Where a choice shows on the page: at a section that it has brought, or else where it was made."""
        answers, definition = interview.profile.answers, self.knowledge.definition
        brought = (
            f"section-{section.id}"
            for section in self.knowledge.sections
            if name in fields_of(section.shown_when, definition) and holds(section.shown_when, answers, definition)
        )
        return next(brought, "choices")

    def _visit(self, request: Request) -> Visit:
        return cookie.read(_sent(request), self.knowledge)

    def _begun(self, request: Request) -> Visit:
        """The visit of somebody who has answered something; anybody else is led to the start, and told so there."""
        visit = self._visit(request)
        if not visit.interview.given:
            raise HTTPException(303, headers={"Location": _url(request, "start", gone="1")})
        return visit

    @cached_property
    def _report(self) -> dict[str, Any]:
        return report_context(self.composer, self.counted)

    @cached_property
    def _example_child(self) -> Scenario | None:
        return next((scenario for scenario in self.knowledge.scenarios if scenario.example), None)


def _may_answer(interview: Interview, question: Question) -> bool:
    """Whether a question is asked here. Before anything is answered, it is the first one alone."""
    return question in (interview.asked if interview.given else interview.asked[:1])


def _texts(question: Question) -> Iterator[str]:
    """All that is read on the page of a question."""
    yield from (question.text, question.why, question.where, question.unsure, question.unsure_help or "")
    for option in question.options:
        yield from (option.label, option.help or "")


def _choices(interview: Interview) -> Iterator[tuple[Question, Option]]:
    """What the reader of an explanation may switch: a question, and the option that is not chosen now."""
    answers = interview.profile.answers
    for question in interview.asked:
        for option in question.options:
            if option.action and option.value != answers[question.field]:
                yield question, option


# --- where to go ---------------------------------------------------------------------------------


def _root(request: Request) -> str:
    """The prefix that a proxy may have put before all pages."""
    return str(request.scope.get("root_path", ""))


def _url(request: Request, page: str, **words: str | int) -> str:
    """The address of a page on this server, under the prefix."""
    return _path(request.app.router, _root(request), page, **words)


def _path(router: Router, root: str, page: str, **words: str | int) -> str:
    """The address of a page. `words` are what stands in its path, and what its query says; empty ones are left out."""
    route = next(route for route in router.routes if isinstance(route, Route) and route.name == page)
    in_path = {name: str(words.pop(name)) for name in route.param_convertors}
    path = root + route.url_path_for(page, **in_path)
    query = urlencode({name: word for name, word in words.items() if word})
    return f"{path}?{query}" if query else path


def _redirect(url: str) -> Response:
    return RedirectResponse(url, 303)


def _back_to(request: Request) -> str:
    """The page that led to a single question, if one did."""
    wanted = request.query_params.get("back_to", "")
    return wanted if wanted in _LEADING_BACK else ""


def _first_open(request: Request, interview: Interview) -> str:
    question = next(iter(interview.unanswered), None)
    return _question_or_answers(request, question)


def _question_or_answers(request: Request, question: Question | None) -> str:
    if question is None:
        return _url(request, "answers")
    return _url(request, "question", field=question.field, back_to=_back_to(request))


# --- the cookie ------------------------------------------------------------------------------------


def _sent(request: Request) -> str | None:
    """The cookie that the browser has sent along."""
    return cookie.find(request.headers.getlist("cookie"), _cookie(request))


def _keep(request: Request, response: Response, visit: Visit) -> None:
    """Leaves the answers with the visitor's browser, until it is closed."""
    response.set_cookie(_cookie(request), cookie.write(visit), **_scope(request))


def _forget(request: Request, response: Response) -> None:
    response.delete_cookie(_cookie(request), **_scope(request))


def _cookie(request: Request) -> str:
    """Its name. Browsers take one called __Host- from this very host alone, so no neighbour can plant it."""
    scope = _scope(request)
    return f"__Host-{cookie.NAME}" if scope["secure"] and scope["path"] == "/" else cookie.NAME


def _scope(request: Request) -> CookieScope:
    path = _root(request) or "/"
    return {"path": path, "secure": request.scope["scheme"] == "https", "httponly": True, "samesite": "strict"}


def _today() -> date:
    return datetime.now().astimezone().date()
