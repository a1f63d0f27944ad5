"""The web site: its pages, what they remember, and what they refuse."""

from __future__ import annotations

import html
import json
import logging
import re
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from httpx2 import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.routing import Route
from starlette.testclient import TestClient

from explainer import Explanation, Profile, cookie, explain
from explainer.compose import Composer
from explainer.guard import HEADERS
from explainer.interview import Interview
from explainer.loader import knowledge, load
from explainer.metrics import COUNTED
from explainer.render import placed
from explainer.web import create
from tests.program import call
from tests.strategies import UNKNOWN, VALUES, answers, steps

SITE = create()
PLANTS = Path(__file__).parent / "sample"
FIRST = "leukemia_type"
CHILD = "from-diagnosis-to-relapse"
PAGES = ("/", "/questions/leukemia_type", "/example", "/about", "/accessibility", "/method", "/cleared", "/next")
"""What everybody may see."""
KEPT = "1.leukemia_type:all.stage:induction.risk_group:high"
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def visitor() -> TestClient:
    """A browser that has never been here."""
    return browser()


def browser(kept: str | None = None, **options: Any) -> TestClient:
    """A browser that has kept these answers. It follows no redirect by itself."""
    client = TestClient(options.pop("app", SITE), follow_redirects=False, **options)
    if kept is not None:
        client.headers["Cookie"] = f"{cookie.NAME}={kept}"
    return client


def answer(visitor: TestClient, field: str, value: str, back_to: str = "") -> Response:
    """Sends a question's form, as its page would."""
    query = f"?back_to={back_to}" if back_to else ""
    return visitor.post(f"/questions/{field}{query}", data={"answer": value})


def follow(visitor: TestClient, response: Response) -> Response:
    """The page that a redirect leads to in the end."""
    for _ in range(5):
        if response.status_code != 303:
            return response
        response = visitor.get(response.headers["Location"])
    raise AssertionError("it leads in a circle")


def heading(page: Response | str) -> str:
    text = page if isinstance(page, str) else page.text
    found = re.search(r"<h1>(.*?)</h1>", text)
    assert found
    return html.unescape(found[1])


def question(field: str) -> str:
    return knowledge().question(field).text


def statements(page: str) -> list[str]:
    return re.findall(r'class="statement" id="([^"]+)"', page)


def told(profile: Any) -> list[str]:
    return in_order(explain(profile))


def in_order(explanation: Explanation) -> list[str]:
    return [statement.id for _, section in placed(explanation.sections) for statement in section.statements]


# --- the way through --------------------------------------------------------------------------


def test_a_visitor_gets_from_the_start_to_the_explanation(visitor: TestClient) -> None:
    """Each answer leads to the next question, the last one to all answers, and they to the explanation."""
    asked = []
    page = follow(visitor, visitor.get("/questions"))
    while heading(page) != "Check your answers":
        field = page.url.path.rpartition("/")[2]
        assert heading(page) == question(field)
        asked.append(field)
        page = follow(visitor, answer(visitor, field, UNKNOWN))
    assert asked == [question.field for question in Interview(knowledge()).asked]
    assert statements(visitor.get("/explanation").text) == told(Profile())


def test_a_page_of_a_question_tells_all_about_it() -> None:
    """Why we ask, where the answer is found, each option with its help, and "I'm not sure" as the last."""
    for asked in knowledge().questions:
        kept = "1.leukemia_type:all.stage:relapsed.relapse_site:csf"
        kept = kept if asked.field in Profile(leukemia_type="all", stage="relapsed", relapse_site="csf").asked else KEPT
        text = html.unescape(browser(kept).get(f"/questions/{asked.field}").text)
        helps = [option.help for option in asked.options if option.help]
        for part in (asked.text, asked.why, asked.where, asked.unsure, asked.unsure_help or "", *helps):
            assert part in text
        labels = re.findall(r'<label for="answer-\d+">(.*?)</label>', text)
        assert labels == [*(option.label for option in asked.options), "I'm not sure"]


def test_progress_tells_how_many_questions_are_left_as_things_stand() -> None:
    """The total is that of the questions asked after the answers so far, and changes with them."""
    assert "Question 1 of about 9" in browser().get("/questions/leukemia_type").text
    assert "Question 3 of about 11" in browser(KEPT).get("/questions/risk_group").text
    assert "Question 1 of about 1<" in browser("1.leukemia_type:aml").get("/questions/leukemia_type").text


def test_back_leads_to_the_question_before_and_shows_its_answer() -> None:
    """Who goes back finds what was chosen, and from the first question the start."""
    page = browser(KEPT).get("/questions/risk_group").text
    assert '<a class="back" href="/questions/stage">' in page
    assert '<a class="back" href="/">' in browser(KEPT).get("/questions/leukemia_type").text
    assert re.search(r'value="induction"[^>]* checked>', browser(KEPT).get("/questions/stage").text)
    assert " checked>" not in browser(KEPT).get("/questions/cell_type").text


def test_answers_are_taken_after_a_redirect(visitor: TestClient) -> None:
    """Reload and Back never ask to send a form again: each form is answered with a redirect (303)."""
    forms = [
        answer(visitor, FIRST, "all"),
        answer(visitor, "stage", "induction"),
        visitor.post("/questions/stage"),
        answer(visitor, "look_ahead", "true", "explanation"),
        visitor.post("/clear"),
    ]
    assert [response.status_code for response in forms] == [303] * 5
    assert all(not response.content for response in forms)


def test_a_form_without_an_answer_is_told_what_is_missing(visitor: TestClient) -> None:
    """The page says so in its title, in a summary that leads to the first answer, and at the answers themselves."""
    sent = visitor.post("/questions/stage?back_to=answers")
    assert sent.headers["Location"] == "/questions/stage?back_to=answers&missing=1"
    page = browser("1.leukemia_type:all").get(sent.headers["Location"])
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert re.search(r'role="alert" tabindex="-1" autofocus .*?href="#answer-1"', page.text, re.DOTALL)
    assert 'aria-describedby="why problem"' in page.text
    kept = browser(KEPT).get(sent.headers["Location"])  # Back, once it is answered
    assert kept.status_code == 200
    assert re.search(r'value="induction"[^>]* checked>', kept.text)


@pytest.mark.parametrize("value", ["", "Induction", "standard", "induction ", MARKUP, "x" * 10_000, "\x00"])
def test_an_answer_that_is_none_is_refused_and_loses_nothing(value: str) -> None:
    """No page of ours sends it; the question is put again, and what was sent is shown nowhere."""
    visitor = browser(KEPT)
    page = answer(visitor, "stage", value)
    assert page.status_code == 422
    assert "This is not one of the answers" in page.text
    assert MARKUP not in page.text
    assert "set-cookie" not in page.headers


def test_a_changed_answer_tells_what_it_sets_aside_once(visitor: TestClient) -> None:
    """Answers that no longer fit are named on the next page, and are told no more after the next answer."""
    for field, value in (("leukemia_type", "all"), ("stage", "induction"), ("risk_group", "high"), ("mrd", UNKNOWN)):
        answer(visitor, field, value)
    page = follow(visitor, answer(visitor, "stage", "finished", "answers"))
    said = re.search(r'role="status">(.*?)</div>', page.text, re.DOTALL)
    assert said
    assert f"{question('risk_group')} <b>High risk</b>" in said[1]
    assert question("mrd") not in said[1]
    assert "set these answers aside" not in follow(visitor, answer(visitor, "look_ahead", "false")).text


def test_all_answers_can_be_checked_and_changed() -> None:
    """Each answer has its link to change it; what is not sure or not answered says what that does."""
    page = html.unescape(browser("1.leukemia_type:all.stage:finished").get("/answers").text)
    assert "<b>Acute lymphoblastic leukemia (ALL)</b>" in page
    assert '<a class="change" href="/questions/stage?back_to=answers">Change<' in page
    assert '<a class="change" href="/questions/look_ahead?back_to=answers">Answer<' in page
    assert knowledge().question("look_ahead").unsure in page
    assert "<b>I'm not sure</b>" in html.unescape(browser("1.leukemia_type:unknown").get("/answers").text)


def test_a_single_question_leads_back_to_where_it_was_opened() -> None:
    """From the answers back to them, from the explanation back to it; any other place is not believed."""
    kept = browser("1.leukemia_type:all.stage:finished.look_ahead:false")
    assert answer(kept, "look_ahead", "true", "answers").headers["Location"] == "/answers"
    assert answer(kept, "look_ahead", "true", "explanation").headers["Location"] == "/explanation#section-recurrent"
    assert answer(kept, "look_ahead", "false", "explanation").headers["Location"] == "/explanation#choices"
    for elsewhere in ("https://evil.example", "//evil.example", "clear", "answers/..", "%0d%0aX: y"):
        assert answer(kept, "look_ahead", "true", elsewhere).headers["Location"] == "/answers"
        assert "evil" not in kept.get(f"/questions/stage?back_to={elsewhere}").text


def test_a_change_that_opens_questions_asks_them_before_it_leads_back() -> None:
    """Who corrects the stage is asked what the new one brings, and then sees all answers again."""
    visitor = browser("1.leukemia_type:all.stage:finished.look_ahead:false")
    led = answer(visitor, "stage", "relapsed", "answers")
    assert led.headers["Location"] == "/questions/cell_type?back_to=answers"


def test_a_question_that_is_not_asked_leads_to_one_that_is() -> None:
    """An address kept from before, or from another tab, is no dead end."""
    assert browser("1.leukemia_type:aml").get("/questions/mrd").headers["Location"] == "/answers"
    assert browser().get("/questions/mrd").headers["Location"] == "/?gone=1"
    assert browser().get("/questions/stage").headers["Location"] == "/?gone=1"  # its answer would go
    assert browser().get("/questions/leukemia_type").status_code == 200


def test_an_answer_from_a_tab_left_behind_is_told() -> None:
    """An answer to a question that another tab has ruled out is set aside, and said to be."""
    visitor = browser()
    for field, value in ((FIRST, "all"), ("stage", "finished")):
        answer(visitor, field, value)
    page = follow(visitor, answer(visitor, "risk_group", "high"))
    assert "set these answers aside" in page.text
    assert "<b>High risk</b>" in page.text


def test_who_has_answered_nothing_is_led_to_the_start(visitor: TestClient) -> None:
    """No page about answers is shown without any. The start says where they may have gone, and blames nobody."""
    for path in ("/answers", "/explanation", "/explanation/file"):
        page = follow(visitor, visitor.get(path))
        assert page.url.path == "/"
        assert "We find no answers from you" in page.text
    assert "no answers from you" not in visitor.get("/").text
    assert "no answers from you" not in browser(KEPT).get("/?gone=1").text
    broken = browser("nonsense").get("/?gone=1").text  # that is told in its own words
    assert "We could not read the answers" in broken
    assert "no answers from you" not in broken


@pytest.mark.parametrize("field", ["stage", "relapse_site"])
@pytest.mark.parametrize("kept", [None, "nonsense"])
def test_a_page_that_outlived_its_answers_says_so(field: str, kept: str | None) -> None:
    """Whoever answers a page that stayed open is told that the answers before are gone, not that this one was."""
    visitor = browser(kept) if kept else browser()
    page = follow(visitor, answer(visitor, field, VALUES[field][0]))
    assert page.url.path == "/"
    assert ("We could not read the answers" if kept else "We find no answers from you") in page.text
    assert "set these answers aside" not in page.text


def test_the_same_answer_sent_twice_loses_nothing() -> None:
    """A page that is sent once more, as a browser may, still brings back what a slip had set aside."""
    visitor = browser("1.leukemia_type:all.stage:maintenance.risk_group:high.remission:reached")
    for value in ("aml", "aml", "all"):
        answer(visitor, FIRST, value)
    assert visitor.cookies["answers"] == "1.leukemia_type:all.stage:maintenance.risk_group:high.remission:reached"


def test_who_skips_the_rest_keeps_what_is_ticked(visitor: TestClient) -> None:
    """Enough at the first question or at a later one: a ticked answer stays, and one not ticked is not known."""
    sent = visitor.post("/questions/leukemia_type", data={"skip": "1"})
    page = follow(visitor, follow(visitor, sent))
    assert heading(page) == "Check your answers"
    assert "<b>I'm not sure</b>" in html.unescape(page.text)
    page = follow(visitor, visitor.post("/questions/stage", data={"answer": "maintenance", "skip": "1"}))
    assert heading(page) == "Check your answers"
    assert "<b>Maintenance</b>" in page.text
    assert 'name="skip"' in browser(KEPT).get("/questions/stage").text
    done = "1.leukemia_type:all.stage:finished"
    assert 'name="skip"' not in browser(done).get("/questions/look_ahead").text  # there is nothing left to skip


def test_an_old_answer_on_remission_does_not_outlive_a_relapse(visitor: TestClient) -> None:
    """It was about another time. So it is set aside, said to be, and asked for again; and so is it on the way back."""
    first = (("leukemia_type", "all"), ("stage", "maintenance"), ("remission", "reached"))
    for field, value in first:
        answer(visitor, field, value)
    page = follow(visitor, answer(visitor, "stage", "relapsed"))
    assert f"{question('remission')} <b>Yes, it is in remission</b>" in html.unescape(page.text)
    assert question("remission") in html.unescape(visitor.get("/questions/remission").text)
    assert " checked>" not in visitor.get("/questions/remission").text
    answer(visitor, "remission", "not_reached")
    answer(visitor, "stage", "maintenance")
    assert " checked>" not in visitor.get("/questions/remission").text


def test_the_reader_chooses_to_look_ahead(visitor: TestClient) -> None:
    """What happens after a relapse is shown at the press of a button, and left out at the press of another."""
    for field, value in ((FIRST, "all"), ("stage", "maintenance")):
        answer(visitor, field, value)
    page = visitor.get("/explanation").text
    assert "recurrent" not in page
    assert "Show what happens if the leukemia comes back</button>" in page
    page = follow(visitor, answer(visitor, "look_ahead", "true", "explanation")).text
    assert 'id="section-recurrent"' in page
    assert "Leave out what happens if the leukemia comes back</button>" in page


def test_a_family_that_met_a_relapse_is_offered_no_look_ahead() -> None:
    """There is nothing to look ahead to."""
    page = browser("1.leukemia_type:all.stage:relapsed").get("/explanation").text
    assert 'id="choices"' not in page


def test_the_file_is_the_page_that_explain_writes() -> None:
    """What is saved from the web is what the command line writes, dated; nothing in it is fetched."""
    saved = browser(KEPT).get("/explanation/file")
    assert saved.headers["Content-Disposition"] == 'attachment; filename="explanation.html"'
    (day,) = re.findall(r"This page was made on [A-Z][a-z]+ \d+, 20\d\d\.", saved.text)
    given = ["--set", "leukemia_type=all", "--set", "stage=induction", "--set", "risk_group=high"]
    plain = call("explain", *given, "--format", "html").text
    assert saved.text.replace(f'<p class="quiet made">{day}</p>\n', "") == plain


def test_the_example_needs_no_answers_and_gives_none(visitor: TestClient) -> None:
    """Who is not ready reads about a made-up child, and is told that it is one."""
    child = next(scenario for scenario in knowledge().scenarios if scenario.example)
    page = visitor.get("/example")
    assert "The child is made up." in page.text
    assert "It is not for emergencies." in page.text
    assert html.escape(child.story, quote=False) in html.unescape(page.text)
    assert statements(page.text) == told(Profile(**child.profile))
    assert "set-cookie" not in page.headers


MADE_UP = (
    "/example",
    *(f"/educators/scenarios/{CHILD}{page}" for page in ("", "?step=2", "/class?step=2&part=1", "/handout?step=2")),
    f"/educators/compare?a={CHILD}&b=mrd-found",
    f"/educators/what-if?was={CHILD}",
)


@pytest.mark.parametrize("path", MADE_UP)
def test_a_made_up_child_is_told_nothing_of_the_visitors_own(path: str) -> None:
    """A page that a class may be shown is the same for everybody, and every link in it leads somewhere."""
    relapsed = "1.leukemia_type:all.stage:relapsed.relapse_site:csf.prior_cranial_radiation:done"
    (theirs, anybody) = (browser(kept).get(path) for kept in (relapsed, None))
    assert theirs.status_code == 200
    main = re.compile(r"<main.*</main>", re.DOTALL)
    assert main.findall(theirs.text) == main.findall(anybody.text) != []
    names = set(re.findall(r'\bid="([^"]+)"', theirs.text))
    assert {name for name in re.findall(r'href="#([^"]*)"', theirs.text) if name} <= names


def test_the_method_page_traces_every_statement(visitor: TestClient) -> None:
    """Each statement stands there with the passage and the fact that it tells."""
    page = html.unescape(visitor.get("/method").text)
    assert set(re.findall(r'<li id="([^"]+)">', page)) == set(knowledge().statements)
    assert all(fact.fact in page for fact in knowledge().facts)


@given(steps)
@settings(max_examples=60)
def test_any_walk_ends_in_what_explain_tells(walk: list[tuple[str, str]]) -> None:
    """Whatever is answered, changed and answered again, in any order: the page tells what the answers kept tell.

    Before the first question is answered, an answer to another one is not taken.
    """
    visitor, interview = browser(), Interview(knowledge())
    for field, value in walk:
        if interview.given or field == FIRST:
            interview = interview.answer(field, value)
        page = follow(visitor, answer(visitor, field, value))
        assert page.status_code == 200
    page = follow(visitor, visitor.get("/explanation"))
    assert statements(page.text) == (told(Profile.settle(interview.given)[0]) if interview.given else [])


@given(answers())
@settings(max_examples=40)
def test_who_answers_each_question_reads_what_explain_tells(words: dict[str, str]) -> None:
    """Every child's way through the questions leads to that child's explanation."""
    visitor = browser()
    page = follow(visitor, visitor.get("/questions"))
    given = {}
    while heading(page) != "Check your answers":
        field = page.url.path.rpartition("/")[2]
        given[field] = words[field]
        page = follow(visitor, answer(visitor, field, words[field]))
    profile = json.dumps({name: word for name, word in given.items() if word != UNKNOWN})
    done = call("explain", "-", "--format", "json", stdin=profile.encode())
    assert statements(visitor.get("/explanation").text) == in_order(Explanation.model_validate_json(done.text))


# --- the cookie ---------------------------------------------------------------------------------


def set_cookie(response: Response) -> list[str]:
    """The parts of the one cookie that a response sets."""
    (header,) = response.headers.get_list("set-cookie")
    return sorted(header.split("; "))


ATTRIBUTES = ["HttpOnly", "Path=/", "SameSite=strict"]


def test_the_cookie_stays_with_this_site_until_the_browser_closes(visitor: TestClient) -> None:
    """No script reads it, no other site sends it along, and it has no date: that is all there is to it."""
    assert set_cookie(answer(visitor, FIRST, "all")) == [*ATTRIBUTES, "answers=1.leukemia_type:all"]


def test_over_https_the_cookie_never_goes_in_the_clear() -> None:
    """Behind HTTPS the cookie is Secure."""
    sent = answer(browser(base_url="https://testserver"), FIRST, "all")
    assert set_cookie(sent) == [*ATTRIBUTES, "Secure", "__Host-answers=1.leukemia_type:all"]


def test_over_https_no_neighbouring_site_can_plant_answers() -> None:
    """Browsers take a cookie of this name from this very host alone, and Clear takes that one away."""
    planted = "answers=1.leukemia_type:all.stage:relapsed"
    visitor = browser(base_url="https://testserver")
    visitor.headers["Cookie"] = f"{planted}; __Host-answers={KEPT}"
    assert "The leukemia has come back" not in visitor.get("/answers").text
    assert any(part.startswith("__Host-answers=") for part in set_cookie(visitor.post("/clear")))
    visitor.headers["Cookie"] = planted
    assert "Clear my answers" not in visitor.get("/").text  # there are none


def test_under_a_prefix_pages_and_cookie_stay_there() -> None:
    """Another site on the same host gets no answers, and no link leads out of the prefix."""
    site = create(prefix="/care")
    visitor = browser(app=site)
    sent = visitor.post("/care/questions/leukemia_type", data={"answer": "all"})
    assert "Path=/care" in set_cookie(sent)
    assert sent.headers["Location"] == "/care/next"
    for path in ("/care", "/care/", "/care/questions/stage", "/about"):
        targets = re.findall(r'(?:href|action|src)="(/[^"]*)"', visitor.get(path).text)
        assert targets
        assert all(target.startswith("/care/") for target in targets)
    mounted = browser(root_path="/care").get("/about")
    assert 'href="/care/about"' in mounted.text


def test_clearing_takes_the_answers_away(visitor: TestClient) -> None:
    """The cookie goes, the browser forgets the pages it kept, and cookies of other sites of the domain stay."""
    answer(visitor, FIRST, "all")
    cleared = visitor.post("/clear")
    assert cleared.headers["Location"] == "/cleared"
    assert cleared.headers["Clear-Site-Data"] == '"cache"'
    assert {*ATTRIBUTES, "Max-Age=0"} <= set(set_cookie(cleared))
    assert cookie.NAME not in visitor.cookies
    assert visitor.get("/explanation").headers["Location"] == "/?gone=1"
    assert visitor.get("/clear").status_code == 405  # no link or picture can clear


@pytest.mark.parametrize("kept", ["", "0.stage:induction", "1.stage:x", "nonsense", '"quoted"', "1.-stage:unknown"])
def test_a_cookie_that_cannot_be_read_is_dropped_kindly(kept: str) -> None:
    """Broken or of an older version: the page works, says so, and takes the cookie away."""
    visitor = browser(kept)
    for path in PAGES[:-1]:
        page = visitor.get(path)
        assert page.status_code == 200
        assert "We could not read the answers" in page.text
        assert "Max-Age=0" in set_cookie(page)
    begun = answer(visitor, FIRST, "all")
    assert "answers=1.leukemia_type:all.!" in set_cookie(begun)
    assert "We could not read" in browser("1.leukemia_type:all.!").get("/questions/stage").text


def test_a_browser_that_keeps_no_cookie_is_told_and_does_not_go_in_circles(visitor: TestClient) -> None:
    """The first answer leads to a page that says what to do; it is no error and no loop."""
    sent = answer(visitor, FIRST, "all")
    visitor.cookies.clear()
    page = visitor.get(sent.headers["Location"])
    assert (page.status_code, heading(page)) == (200, "This browser did not keep your answer")
    assert heading(follow(visitor, visitor.get("/questions"))) == question(FIRST)


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00")), st.sampled_from([*PAGES, "/answers"]))
@settings(max_examples=60)
def test_any_cookie_gets_a_kind_page(value: str, path: str) -> None:
    """Whatever stands in the cookie, a page comes that greets a reader."""
    visitor = browser(app=SITE)
    raw = [(b"cookie", f"answers={value}".encode("latin-1"))]
    response = visitor.get(path, headers=raw)
    page = follow(visitor, response)
    assert page.status_code == 200
    assert heading(page)


@given(
    st.binary(max_size=200), st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data", "", "x/y"])
)
@settings(max_examples=60)
def test_any_form_gets_a_page(body: bytes, kind: str) -> None:
    """Whatever is sent, the question is put again, or the answer is taken."""
    visitor = browser(KEPT)
    for content in (body, b"answer=" + body):
        page = follow(visitor, visitor.post("/questions/stage", content=content, headers={"Content-Type": kind}))
        assert page.status_code in (200, 422)
        assert heading(page)


# --- what every page promises ----------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PAGES, "/answers", "/explanation", "/explanation/file", "/questions", "/nothing"])
def test_no_page_is_kept_by_anybody(path: str) -> None:
    """No browser or proxy stores a page, and each brings all safety headers, errors and redirects too."""
    response = browser(KEPT).get(path)
    assert response.headers["Cache-Control"] == "no-store"
    assert {name: response.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("name", ["style.css", "script.js"])
def test_assets_are_kept_only_under_the_name_of_their_content(name: str, visitor: TestClient) -> None:
    """A browser fetches the style once, and again as soon as it changes."""
    (address,) = set(re.findall(rf'"(/{name}\?v=[0-9a-f]+)"', visitor.get("/").text))
    asset = visitor.get(address)
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert asset.headers["X-Content-Type-Options"] == "nosniff"
    assert visitor.get(f"/{name}").headers["Cache-Control"] == "no-cache"
    assert visitor.get(f"/{name}?v=0").headers["Cache-Control"] == "no-cache"


def weight(visitor: TestClient, path: str) -> int:
    """The bytes of a page with its style and script, uncompressed."""
    page = visitor.get(path)
    linked = re.findall(r'"(/(?:style\.css|script\.js)\?[^"]+)"', page.text)
    assert len(linked) == 2
    return len(page.content) + sum(len(visitor.get(address).content) for address in linked)


def test_pages_are_light(visitor: TestClient) -> None:
    """The first page is under 30 KB, the fullest explanation under 120 KB, for a bad connection in a hospital."""
    assert weight(visitor, "/") < 30_000
    for stage in ("induction", "relapsed", UNKNOWN):
        kept = f"1.leukemia_type:all.stage:{stage}{'' if stage == 'relapsed' else '.look_ahead:true'}"
        assert weight(browser(kept), "/explanation") < 120_000


@pytest.mark.parametrize("path", [*PAGES[:-1], "/answers", "/explanation", "/nothing"])
def test_every_page_says_that_nobody_has_reviewed_it(path: str) -> None:
    """No family takes these words for words that a clinician has checked."""
    assert "No doctor or nurse has checked these words yet" in browser(KEPT).get(path).text


@pytest.mark.parametrize("path", [*PAGES[:-1], "/answers", "/explanation", "/nothing"])
def test_no_page_holds_script_style_or_address_of_its_own(path: str) -> None:
    """All of it passes a strict policy: one script, one style, no handler, nothing from another host."""
    page = browser(KEPT).get(path).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|https?://(?!testserver/)", page)
    assert len(re.findall("<script", page)) == 1


@pytest.mark.parametrize("path", ["/", "/about", "/accessibility", "/explanation"])
def test_who_runs_the_site_can_be_reached_where_it_says_so(path: str) -> None:
    """A contact that was given is shown as text, whatever it holds."""
    page = browser(KEPT, app=create(contact=f"Ward 7 {MARKUP}")).get(path).text
    assert MARKUP not in page
    assert ("Ward 7" in page) == (path in ("/about", "/accessibility"))


# --- explanations that are kept ----------------------------------------------------------------------


def test_an_explanation_is_made_once_for_all_who_give_the_same_answers() -> None:
    """The second family waits less, and reads the same; how often that was so can be asked."""
    site = create()
    first, second = (browser(kept, app=site).get("/explanation").text for kept in (KEPT, f"{KEPT}.mrd:unknown"))
    assert first == second
    told = [COUNTED.get_sample_value(f"explainer_kept_{name}") for name in ("hits", "explanations")]
    assert told == [1, 1]


def test_nothing_of_one_visitor_gets_to_another() -> None:
    """What is on the page for one visitor's sake is not on the page of the next with the same answers."""
    site = create()
    seen = {
        name: browser(kept, app=site, base_url=url, root_path=root).get("/explanation").text
        for name, kept, url, root in (
            ("afresh", f"{KEPT}.!", "https://one.example", "/care"),
            ("set aside", f"{KEPT}.-mrd:detected", "http://two.example", ""),
            ("plain", KEPT, "http://three.example", ""),
        )
    }
    fresh = {
        "afresh": browser(f"{KEPT}.!", app=create(), base_url="https://one.example", root_path="/care"),
        "set aside": browser(f"{KEPT}.-mrd:detected", app=create(), base_url="http://two.example"),
        "plain": browser(KEPT, app=create(), base_url="http://three.example"),
    }
    assert seen == {name: visitor.get("/explanation").text for name, visitor in fresh.items()}
    assert len(set(seen.values())) == 3
    assert "one.example" not in seen["plain"] + seen["set aside"]


def test_a_page_kept_from_yesterday_does_not_pass_for_one_of_today() -> None:
    """The date on the page is that of the visit."""
    site = create()
    for day in (date(2025, 3, 9), date(2025, 3, 10), date(2025, 3, 9)):
        with patch("explainer.web._today", return_value=day):
            assert f"made on March {day.day}, 2025" in browser(KEPT, app=site).get("/explanation").text


@given(answers())
@settings(max_examples=40)
def test_a_kept_page_is_the_page_that_would_be_made(words: dict[str, str]) -> None:
    """Whatever others have read before, each family reads its own explanation."""
    kept = cookie.write(cookie.Visit(Interview(knowledge(), words)))
    assert browser(kept).get("/explanation").text == browser(kept, app=create()).get("/explanation").text


# --- what goes wrong --------------------------------------------------------------------------------

WRONG: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "no such page": ("GET", "/nothing", {}, 404),
    "no such question": ("GET", "/questions/favorite_color", {}, 404),
    "no such page, and a slash": ("GET", "/nothing/", {}, 404),
    "a form to a slash more": ("POST", "/clear/", {}, 404),
    "a page that takes no form": ("POST", "/about", {}, 405),
    "a form that is no page": ("GET", "/clear", {}, 405),
    "an odd method": ("PUT", "/questions/stage", {}, 405),
    "a form from elsewhere": ("POST", "/clear", {"headers": {"Origin": "https://evil.example"}}, 403),
    "too much": ("POST", "/questions/stage", {"data": {"answer": "x" * 20_000}}, 413),
    "too much, in pieces": ("POST", "/questions/stage", {"content": iter([b"x" * 20_000])}, 413),
    "no answer that there is": ("POST", "/questions/stage", {"data": {"answer": "x"}}, 422),
    "no answer": ("GET", "/questions/csf_at_diagnosis?missing=1", {}, 422),
}


@pytest.mark.parametrize(("method", "path", "sent", "status"), WRONG.values(), ids=WRONG)
def test_what_goes_wrong_is_a_page_that_loses_no_answers(
    method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    """The page says what to do, offers the way on, and leaves the answers alone."""
    if "content" in sent:
        sent = {"content": iter([b"x" * 20_000])}  # an iterator serves once
    page = browser(KEPT).request(method, path, **sent)
    assert page.status_code == status
    assert heading(page)
    assert "set-cookie" not in page.headers
    assert status == 422 or '<a class="button" href="/questions">Go on where you left off</a>' in page.text


@pytest.mark.parametrize("prefix", ["", "/care"])
def test_a_slash_after_an_address_leads_to_the_page(prefix: str) -> None:
    """Whoever types one more comes to the page that was meant, with what else the address says, under the prefix."""
    visitor = browser(app=create(prefix=prefix))
    paths = {route.path for route in create().routes if isinstance(route, Route) and "GET" in (route.methods or ())}
    filled_in = [path.format(name="mrd-found", field="stage") for path in paths - {"/"}]
    assert "/educators/scenarios/mrd-found" in filled_in
    for path in filled_in:
        for slashes in ("/", "//"):
            for query in ("", "?topic=mrd&part=%C3%A9"):
                sent = visitor.get(f"{prefix}{path}{slashes}{query}")
                assert (sent.status_code, sent.headers["location"]) == (303, f"{prefix}{path}{query}")
                assert sent.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "//evil.example/about/", "/%5Cevil.example/", "/http://evil.example/", "///", "/nothing/"],
)
def test_a_slash_after_an_address_never_leads_elsewhere(path: str) -> None:
    """The redirect goes to a page of ours or nowhere, whatever a link or the Host header names."""
    sent = browser().request("GET", f"http://testserver{path}")
    assert sent.status_code == 404
    sent = browser().get("/about/", headers={"Host": "evil.example"})
    assert sent.headers["location"] == "/about"
    assert browser().get("/questions/a%0d%0ab:c%3Fd/").headers["location"] == "/questions/a%0D%0Ab%3Ac%3Fd"


def test_a_fault_of_ours_is_a_page_and_no_answer_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The visitor keeps the answers; we learn where it happened, and nothing of the child."""
    caplog.set_level(logging.INFO)
    with patch.object(Composer, "explain", side_effect=RuntimeError(f"while telling {KEPT}")):
        page = browser(KEPT, app=create()).get("/explanation")  # a site that has kept no explanation yet
    assert (page.status_code, heading(page)) == (500, "Something went wrong on our side")
    assert "Your answers are not lost." in page.text
    assert "RuntimeError" in caplog.text
    assert "induction" not in caplog.text


def test_another_name_is_refused_where_names_are_given() -> None:
    """Where the host's names are set, a request by any other name gets nothing, and no redirect to it."""
    site = create(hosts=["care.example.org", "*.example.net"])
    for host, status in (("care.example.org", 200), ("a.example.net:8000", 200), ("evil.example", 421), ("", 421)):
        response = browser(app=site).get("/about", headers={"Host": host})
        assert response.status_code == status
        assert "location" not in response.headers
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
    refused = browser(app=site).get("/educators", headers={"Host": "evil.example"})
    assert heading(refused) == "This site does not answer by this name"
    assert browser(app=site).get("/style.css", headers={"Host": "evil.example"}).status_code == 200


@pytest.mark.parametrize("prefix", ["", "/care"])
def test_a_probe_need_not_know_the_name(prefix: str) -> None:
    """What watches the server calls it by its address; it learns whether this process can do its work."""
    visitor = browser(app=create(hosts=["care.example.org"], prefix=prefix))
    for name in ("live", "ready"):
        response = visitor.get(f"{prefix}/health/{name}", headers={"Host": "10.0.0.7:8000"})
        assert (response.status_code, response.text) == (200, f"{name}\n")
        assert response.headers["Cache-Control"] == "no-store"
    assert visitor.get(f"{prefix}/about/health/live", headers={"Host": "10.0.0.7:8000"}).status_code == 421
    with patch.object(Composer, "explain", side_effect=RuntimeError):
        assert visitor.get(f"{prefix}/health/ready", headers={"Host": "10.0.0.7:8000"}).status_code == 500
        assert visitor.get(f"{prefix}/health/live", headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_explanations_are_counted_and_nothing_of_them() -> None:
    """The counts say how many were made and which kinds of page were asked for, and hold no answer."""
    visitor = browser(KEPT)
    before = COUNTED.get_sample_value("explainer_explanations_total") or 0
    for path in ("/explanation", "/explanation/file", "/example", "/answers", "/questions/risk_group", "/health/ready"):
        assert visitor.get(f"{path}?{MARKUP}").status_code == 200
    visitor.get(f"/{MARKUP}")
    assert COUNTED.get_sample_value("explainer_explanations_total") == before + 3
    labels = {word for family in COUNTED.collect() for sample in family.samples for word in sample.labels.values()}
    assert {"/explanation", "/explanation/file", "/example", "/answers", "/questions/{field}", "(no page)"} <= labels
    for word in ("alert", "risk_group", "induction", "high"):
        assert not any(word in label for label in labels), word


def test_a_head_request_has_the_status_of_the_page(visitor: TestClient) -> None:
    """A program that only looks whether the site is up gets its answer, from a page with a form, too."""
    for path in ("/", "/questions/stage", "/educators/load", "/educators/save?of=mrd-found"):
        assert visitor.head(path).status_code == visitor.get(path).status_code


# --- any knowledge ------------------------------------------------------------------------------------


@pytest.fixture
def plants() -> TestClient:
    """The site, on a folder of rules about pot plants."""
    return browser(app=create(composer=Composer(load(PLANTS))))


def test_other_rules_need_no_python(plants: TestClient) -> None:
    """New questions, an example and a choice come from the rules alone."""
    assert heading(follow(plants, plants.get("/questions"))) == "Which plant do you have?"
    page = follow(plants, answer(plants, "plant", "fern"))
    assert heading(page) == "Where does the pot stand?"
    assert "Kim keeps a cactus." in plants.get("/example").text
    assert "Show the part about new pots</button>" in plants.get("/explanation").text
    assert "set these answers aside" not in follow(plants, answer(plants, "repot", "true", "explanation")).text


def test_without_an_example_nothing_leads_to_one() -> None:
    """Rules that name no example have no such page, and no link to it."""
    rules = load(PLANTS).model_copy(update={"scenarios": ()})
    visitor = browser(app=create(composer=Composer(rules)))
    assert visitor.get("/example").status_code == 404
    assert "example" not in visitor.get("/").text
    assert "example" not in visitor.get("/next").text


def test_every_value_is_known_to_the_site() -> None:
    """Each answer of each question can be given on its page."""
    for field, values in VALUES.items():
        kept = "1" if field == FIRST else "1.leukemia_type:all"
        kept += "" if field in Profile().asked else ".stage:relapsed.relapse_site:csf"
        kept = KEPT if field in ("remission", "mrd") else kept
        page = browser(kept).get(f"/questions/{field}").text
        assert re.findall(r'type="radio" .*? value="([^"]+)"', page) == [*values, UNKNOWN]
