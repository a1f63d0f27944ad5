"""The educators' pages: made-up children to teach with, and the same engine taken apart.

Answers stand in the addresses of these pages, and only of these. An uploaded scenario is not kept: its pages send its
text along, and only its answers ever stand in an address, so that nobody can make this site show words of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from explainer import address, lesson, scenarios
from explainer.address import Child
from explainer.compare import compare
from explainer.compose import Composer
from explainer.errors import Fault, FaultsError, InputError, closest
from explainer.files import yaml_child
from explainer.guard import HEADERS, LARGEST_BODY
from explainer.handout import PARTS, handout
from explainer.knowledge import Scenario
from explainer.knowledge_map import Map, knowledge_map
from explainer.picture import picture
from explainer.profile import ProfileModel
from explainer.render import placed, render_template
from explainer.scenario_file import read_scenario, scenario_yaml
from explainer.why import Change, why

Page = Callable[..., Response]
View = Callable[[Request], Awaitable[Response]]

_WITH_FETCH = f"{HEADERS['Content-Security-Policy']}; connect-src 'self'"
_FOR_BACK = "private, no-cache"
"""Browsers keep what a form brought for Back alone, and show an error where they may not keep it (no-store)."""
_VIEWS = ("scenario", "classroom", "handout", "handout_file", "what_if", "save")
_LONGEST_NAME = 60
_MOST_FOREIGN = 20  # so many foreign words in an address are looked at; no letter sends more along
_UPLOAD = {"max_files": 1, "max_fields": 100, "max_part_size": LARGEST_BODY}
_BAD, _UNFIT = 400, 422
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d+[.)])\s+")
"""What stands before each point of a list that was pasted; our own templates make one."""
_NO_CHANGES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Shown:
    """A scenario at one of its steps. `text` is the file it was uploaded as, None for one of the library.

    In class, `part` is what is shown at a time, and the child's page keeps it for who comes back to the class. A
    handout lacks the PARTS in `without`.
    """

    scenario: Scenario
    step: int = 1
    part: int = 0
    text: str | None = None
    without: tuple[str, ...] = ()


class Workbench:
    """Every page for educators, for one knowledge. `page` renders a page of the site, `url` gives its address."""

    def __init__(self, composer: Composer, page: Page, url: Callable[..., str]) -> None:
        self.composer = composer
        self.knowledge = composer.knowledge
        self._render = page
        self._url = url

    def routes(self) -> list[Route]:
        return [
            self._route("", self.educators),
            self._route("/scenarios/{name}", partial(self.of_library, "scenario"), "scenario"),
            self._route("/scenarios/{name}/class", partial(self.of_library, "classroom"), "classroom"),
            self._route("/scenarios/{name}/handout", partial(self.of_library, "handout"), "handout"),
            self._route("/scenarios/{name}/handout/file", partial(self.of_library, "handout_file"), "handout_file"),
            self._route("/scenarios/{name}/file", self.scenario_file),
            self._route("/load", self.load, methods=("GET", "POST")),
            self._route("/save", self.save, methods=("GET", "POST")),
            self._route("/what-if", self.what_if),
            self._route("/compare", self.compare),
            self._route("/why", self.why),
            self._route("/picture", self.picture),
            self._route("/map", self.map),
        ]

    def _route(self, path: str, view: View, name: str | None = None, methods: Sequence[str] = ("GET",)) -> Route:
        async def answer(request: Request) -> Response:
            """The page; or what is wrong with the address, in full."""
            try:
                response = await view(request)
            except FaultsError as error:
                response = self._page(request, "problem", status=_BAD, faults=error.faults)
            if request.method == "POST":
                response.headers["Cache-Control"] = _FOR_BACK
            return response

        return Route(f"/educators{path}", answer, name=name or getattr(view, "__name__", None), methods=list(methods))

    def _page(self, request: Request, name: str, **context: object) -> Response:
        return self._render(request, f"educators/{name}", **context)

    def _why_url(self, request: Request, of: str) -> Callable[[str], str]:
        """Where the statement of an id is taken apart, for this child."""
        return lambda statement: self._url(request, "why", of=of, statement=statement)

    # --- the library -------------------------------------------------------------------------

    async def educators(self, request: Request) -> Response:
        """All scenarios, or those on one topic."""
        topic = request.query_params.get("topic") or None
        topics = {known.id: known.title for known in self.knowledge.topics}
        listed = scenarios.library(self.knowledge, topic)
        return self._page(request, "library", listed=listed, topics=topics, topic=topic)

    async def of_library(self, view: str, request: Request) -> Response:
        """A page on one scenario of the library, at the step that the address names."""
        scenario = self._scenario(request)
        step, part = (_number(request.query_params, name) for name in ("step", "part"))
        without = _without(request.query_params.get("without", ""))
        return self._view(request, view, Shown(scenario, 1 if step is None else step, part or 0, without=without))

    async def scenario_file(self, request: Request) -> Response:
        return _scenario_file(self._scenario(request))

    def _scenario(self, request: Request) -> Scenario:
        try:
            return scenarios.find(self.knowledge, request.path_params["name"])
        except InputError:
            raise HTTPException(404) from None

    def _view(self, request: Request, view: str, shown: Shown, changes: Mapping[str, str] = _NO_CHANGES) -> Response:
        """A page on a scenario. `changes` are the answers that are tried in a what-if."""
        if not 1 <= shown.step <= 1 + len(shown.scenario.steps):
            raise HTTPException(404)
        child = address.steps(self.knowledge, shown.scenario)[shown.step - 1]
        if shown.text is not None:
            child = child._replace(text=address.write(child.profile))
        if view == "what_if":
            return self._what_if(request, child, changes, shown)
        if view == "save":
            profile, _ = self._changed(child, changes)
            as_it_was = profile == child.profile
            return _scenario_file(shown.scenario) if as_it_was else self._save(request, address.of(profile), child)
        if view in ("handout", "handout_file"):
            return self._handout(request, shown, as_file=view == "handout_file")
        told = lesson.lesson(self.composer, shown.scenario, shown.step)
        parts = _parts(told)
        if shown.part >= len(parts):
            raise HTTPException(404)
        context = {"shown": shown, "lesson": told, "explanation": told.explanation}
        if view == "scenario":
            url = self._why_url(request, child.text)
            return self._page(request, "scenario", of=child.text, statement_url=url, **context)
        before = 0
        if shown.step > 1 and not shown.part:  # Back leads from here to the end of the step before
            before = len(_parts(lesson.lesson(self.composer, shown.scenario, shown.step - 1)))
        return self._page(request, "classroom", parts=parts, parts_before=before, **context)

    def _handout(self, request: Request, shown: Shown, *, as_file: bool) -> Response:
        made = handout(self.composer, shown.scenario, shown.step)
        told = made.shown(shown.without)
        if as_file:
            step = f"-step-{shown.step}" if shown.scenario.steps else ""
            parts = "".join(f"-{'without' if part in shown.without else 'with'}-{part}" for part in PARTS)
            return _file(render_template("handout.md", **told), f"{shown.scenario.id}{step}{parts}.md")
        return self._page(request, "handout", shown=shown, **told)

    # --- from and to a file --------------------------------------------------------------------

    async def load(self, request: Request) -> Response:
        """Asks for a file; or shows the child that was sent, or each fault in it with its line.

        A child of answers alone has an address, and is shown there.
        """
        if request.method != "POST":
            return self._load(request)
        async with request.form(**_UPLOAD) as form:
            raw = await _sent(form)
            view, step, part, without = _go(form)
            changes = {name: str(form[name]) for name in self.knowledge.profile.questions if name in form}
        try:
            child = yaml_child(raw, _PLACE, self.knowledge)
        except FaultsError as error:
            text = raw.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
            return self._load(request, status=_UNFIT, text=text, faults=error.faults)
        if child.scenario is None:
            return RedirectResponse(self._url(request, "what_if", was=child.text), 303)
        return self._view(request, view, Shown(child.scenario, step, part, raw.decode(), without), changes)

    def _load(self, request: Request, **context: object) -> Response:
        return self._page(request, "load", **{"text": "", "faults": (), "example": self._example, **context})

    async def save(self, request: Request) -> Response:
        """Asks for what a scenario tells besides its answers; or gives the file."""
        child = self._child(request, "of")
        if request.method != "POST":
            return self._save(request, child, self._child(request, "was") if "was" in request.query_params else child)
        async with request.form(**_UPLOAD) as form:
            told = {name: str(form.get(name, "")) for name in ("title", "story", "teaches", "notice")}
            chosen = [str(topic) for topic in form.getlist("topics")]
        try:
            scenario = self._made(child, told, chosen)
        except FaultsError as error:
            context = {"status": _UNFIT, "told": told, "chosen": chosen, "faults": error.faults}
            return self._save_page(request, child, **context)
        return _scenario_file(scenario)

    def _save(self, request: Request, child: Child, began: Child) -> Response:
        """Asks for what is told of a child, filled in with what is told of the one that it began with.

        What that one shows is the key to its handout, so it is not filled in for other answers.
        """
        if began.scenario is None:
            return self._save_page(request, child)
        told_to_here = [scenarios.told_at(began.scenario, step) for step in range(1, began.step + 1)]
        told = {"title": began.title, "story": " ".join(_line(told.story) for told in told_to_here)}
        if child.profile == began.profile:
            told["teaches"] = _line(began.scenario.teaches)
            told["notice"] = "\n".join(map(_line, told_to_here[-1].notice))
        return self._save_page(request, child, told=told, chosen=began.scenario.topics)

    def _save_page(self, request: Request, child: Child, **context: object) -> Response:
        topics = {known.id: known.title for known in self.knowledge.topics}
        given = list(lesson.given(self.knowledge, child.profile))
        filled_in = {"told": {}, "chosen": (), "faults": (), **context}
        return self._page(request, "save", child=child, topics=topics, given=given, **filled_in)

    def _made(self, child: Child, told: Mapping[str, str], topics: Sequence[str]) -> Scenario:
        """A scenario of what somebody has filled in, checked like any other."""
        missing = [name for name in ("title", "story", "teaches", "notice") if not told[name].strip()]
        if missing or not topics:
            raise InputError(Fault(name, 0, "missing") for name in [*missing, *([] if topics else ["topics"])])
        draft = Scenario.model_construct(
            id=_slug(told["title"]) or "scenario",
            title=_line(told["title"]),
            story=_line(told["story"]),
            teaches=_line(told["teaches"]),
            topics=tuple(topics),
            notice=tuple(point for line in told["notice"].splitlines() if (point := _line(_BULLET.sub("", line)))),
            example=False,
            profile=MappingProxyType(child.profile.given),
            steps=(),
        )
        return read_scenario(scenario_yaml(draft).encode(), _PLACE, self.knowledge)

    # --- taken apart -----------------------------------------------------------------------------

    async def what_if(self, request: Request) -> Response:
        """All answers beside the explanation, and what other answers would change."""
        questions = self.knowledge.profile.questions
        given = {name: word for name, word in request.query_params.items() if name != "was"}
        foreign = [name for name in given if name not in questions][:_MOST_FOREIGN]
        misspelt = {name: given[name] for name in foreign if closest(name, list(questions))}
        if misspelt:  # what else there may be was put there by others, such as who sends a letter out
            self.knowledge.profile.read(misspelt, "address")  # raises
        changes = {name: word for name, word in given.items() if name in questions}
        return self._what_if(request, self._child(request, "was"), changes)

    def _what_if(
        self, request: Request, was: Child, changes: Mapping[str, str], shown: Shown | None = None
    ) -> Response:
        profile, dropped = self._changed(was, changes)
        now = address.of(profile)
        response = self._page(
            request,
            "what_if",
            shown=shown,
            was=was,
            began=was.scenario and scenarios.told_at(was.scenario, was.step),
            now=now,
            choices=self._choices,
            asked=[self.knowledge.question(name) for name in profile.asked],
            answers=profile.answers,
            comparison=compare(self.composer, was.profile, profile, (was.title, None)),
            influences={one.field: one for one in self.composer.influences.of(profile)},
            dropped=[self.knowledge.question(name) for name in dropped],
        )
        response.headers["Content-Security-Policy"] = _WITH_FETCH
        return response

    async def compare(self, request: Request) -> Response:
        """Two children side by side; or asks for those that are not chosen yet."""
        one, other = (self._child(request, side) if request.query_params.get(side) else None for side in ("a", "b"))
        found = None
        if one and other:
            found = compare(self.composer, one.profile, other.profile, (one.title, other.title))
        return self._page(request, "compare", one=one, other=other, choices=self._choices, comparison=found)

    async def why(self, request: Request) -> Response:
        """Why a statement is told to a child, or not, and every least change that would turn it."""
        child = self._child(request, "of")
        decided = self.composer.engine.decide(child.profile).statements
        states = {name: decided.get(name, "no") for name in self.knowledge.statements}
        asked = request.query_params.get("statement")
        found = why(self.composer, child.profile, asked, all_minimal=True) if asked else None

        def change_url(change: Change) -> str:
            """Where a change can be tried."""
            changes = {switch.field: switch.instead for switch in change.switches}
            return self._url(request, "what_if", was=child.text, **changes)

        return self._page(
            request,
            "why",
            child=child,
            choices=self._choices,
            states=states,
            why=found,
            change_url=change_url,
            phrasing=self.composer.phrasing,
        )

    async def picture(self, request: Request) -> Response:
        child = self._child(request, "of")
        drawn = picture(self.composer, child.profile)
        return self._page(
            request,
            "picture",
            child=child,
            choices=self._choices,
            picture=drawn,
            statement_url=self._why_url(request, child.text),
        )

    async def map(self, request: Request) -> Response:
        return self._page(request, "map", map=self._map)

    def _changed(self, child: Child, changes: Mapping[str, str]) -> tuple[ProfileModel, tuple[str, ...]]:
        """The answers of a child with some changed, and the questions whose answers fall away by it."""
        return self.knowledge.profile.settle({**child.profile.answers, **changes})

    def _child(self, request: Request, name: str) -> Child:
        return address.read(self.knowledge, request.query_params.get(name, ""), name)

    @cached_property
    def _map(self) -> Map:
        return knowledge_map(self.composer)

    @cached_property
    def _example(self) -> str | None:
        """What a file holds: the shortest of ours that tells of a story in steps."""
        files = [scenario_yaml(scenario) for scenario in self.knowledge.scenarios if scenario.steps]
        return min(files, key=len, default=None)

    @cached_property
    def _choices(self) -> dict[str, str]:
        """Every made-up child of the library at each step, by its address."""
        return {
            child.text: child.title or ""
            for scenario in scenarios.in_order(self.knowledge)
            for child in address.steps(self.knowledge, scenario)
        }


_PLACE = "scenario.yaml"


def _parts(told: lesson.Lesson) -> list[str]:
    """What a class is shown of a step, one after the other: sections by their id."""
    explanation = told.explanation
    return [
        "story",
        *(["changes"] if told.changes else []),
        *(["notices"] if explanation.notices else []),
        *(section.id for _, section in placed(explanation.sections)),
        *(["questions"] if explanation.questions else []),
        "end",
    ]


def _number(words: Mapping[str, str], name: str) -> int | None:
    """A number in an address. A page without it shows the beginning; one with anything else does not exist."""
    word = words.get(name)
    if word is None:
        return None
    if not re.fullmatch("[0-9]{1,3}", word):
        raise HTTPException(404)
    return int(word)


def _without(words: str) -> tuple[str, ...]:
    """The PARTS that a handout is to lack, as an address names them: `key`, `text` or `key-text`."""
    found = tuple(part for part in PARTS if part in words.split("-"))
    if "-".join(found) != words:
        raise HTTPException(404)
    return found


def _line(text: str) -> str:
    return " ".join(text.split())


def _slug(text: str) -> str:
    """A text in small letters without accents, digits and hyphens; not too long for the name of a file."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", errors="ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME].rstrip("-")


def _scenario_file(scenario: Scenario) -> Response:
    return _file(scenario_yaml(scenario), f"{scenario.id}.yaml")


def _file(text: str, name: str) -> Response:
    return Response(
        text, media_type="text/plain; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


async def _sent(form: FormData) -> bytes:
    """The file that was chosen, or else the text that was typed."""
    file, text = form.get("file"), form.get("text", "")
    raw = await file.read() if isinstance(file, UploadFile) else b""
    return raw or str(text).replace("\r\n", "\n").encode(errors="replace")


def _go(form: FormData) -> tuple[str, int, int, tuple[str, ...]]:
    """Which page of an uploaded scenario is wanted: its name, the step, the part, and what a handout is to lack."""
    pattern = rf"({'|'.join(_VIEWS)})\.([0-9]{{1,3}})\.([0-9]{{1,3}})(?:\.([a-z-]+))?"
    found = re.fullmatch(pattern, str(form.get("go", "")))
    return (found[1], int(found[2]), int(found[3]), _without(found[4] or "")) if found else ("scenario", 1, 0, ())
