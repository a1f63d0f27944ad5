"""The educators' pages: what they show, what they refuse, and that no real child's answers get into them."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from explainer import Profile, cookie, explain
from explainer.address import read, write
from explainer.compare import compare
from explainer.compose import composer
from explainer.lesson import lesson
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from explainer.render import placed
from explainer.scenario_file import LARGEST, read_scenario, scenario_yaml
from explainer.scenarios import find, walk
from explainer.web import create
from tests.strategies import VALUES, answers, profiles

KNOWN = knowledge()
SITE = TestClient(create(), follow_redirects=False)
HOME = "/educators"
MARKS = {
    "added": "+ New",
    "removed": "− Gone",
    "definite": "~ Now told without",
    "conditional": "~ Now told only with",
}
STORY = find(KNOWN, "no-remission-yet")
FILE = scenario_yaml(STORY)


def page(path: str, **words: str | int) -> str:
    """A page that is there, as text without its markup's entities."""
    found = SITE.get(f"{HOME}{path}", params=words)
    assert found.status_code == 200, found.text
    return html.unescape(found.text)


def heading(text: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", text)
    assert found
    return found[1]


def big(text: str) -> str:
    """What a class reads first on its page."""
    found = re.search(r'class="big">(.*?)</h[23]>', text)
    assert found
    return found[1]


def links(text: str) -> list[str]:
    return re.findall(r'href="(/[^"#]*)"', text)


def upload(text: str | bytes, **fields: str) -> tuple[int, str]:
    raw = text if isinstance(text, bytes) else text.encode()
    sent = SITE.post(f"{HOME}/load", files={"file": ("mine.yaml", raw)}, data=fields)
    return sent.status_code, html.unescape(sent.text)


# --- the library and its children ----------------------------------------------------------------


def test_the_start_page_leads_educators_to_their_own_pages() -> None:
    """They find the way from the first page; each of theirs leads back to the questionnaire for a real child."""
    assert f'href="{HOME}"' in SITE.get("/").text
    assert 'href="/">For a real child' in page("")


def test_the_library_lists_every_child_and_filters_by_topic() -> None:
    """All of them, or those on one topic and no others."""
    text = page("")
    assert all(scenario.title in text and scenario.story in text for scenario in KNOWN.scenarios)
    for topic in KNOWN.topics:
        listed = set(re.findall(r'href="/educators/scenarios/([a-z0-9-]+)"', page("", topic=topic.id)))
        assert listed == {scenario.id for scenario in KNOWN.scenarios if topic.id in scenario.topics}


@pytest.mark.parametrize("scenario", KNOWN.scenarios, ids=lambda scenario: scenario.id)
def test_each_step_of_each_child_has_its_pages(scenario: object) -> None:
    """The child, every part of it in class, and the handout; Next leads through all steps to the last."""
    found = find(KNOWN, scenario.id)  # type: ignore[attr-defined] # pytest gives a plain object
    for step in range(1, 2 + len(found.steps)):
        told = lesson(composer(), found, step)
        text = page(f"/scenarios/{found.id}", step=step)
        assert told.story in text
        assert all(point in text for point in told.notice)
        shown = re.findall(r'class="statement" id="([^"]+)"', text)
        assert shown == [s.id for _, section in placed(told.explanation.sections) for s in section.statements]
        assert ('id="go-on"' in text) == (not told.is_last)
        assert ('id="go-back"' in text) == (step > 1)
        assert "Answer key" in page(f"/scenarios/{found.id}/handout", step=step)


def test_in_class_one_part_follows_the_other() -> None:
    """From the story to the end of the last step by Next alone, and by Back the same way to the beginning."""
    seen = []
    path = f"{HOME}/scenarios/{STORY.id}/class"
    while path:
        text = html.unescape(SITE.get(path).text)
        seen.append((path, big(text)))
        onward = re.search(r'id="go-on" href="([^"]+)"', text)
        path = onward[1] if onward else ""
    steps = [lesson(composer(), STORY, step).explanation for step in (1, 2, 3)]
    sections = [section.title for step in steps for _, section in placed(step.sections)]
    told = [title for _, title in seen]
    assert [title for title in told if title in sections] == sections
    assert told.count("What has changed since the step before") == 2
    assert told.count("Please read this first") == told.count("Questions for your care team") == 3
    assert told.count("What to notice") == 3
    way = [seen[-1][1]]
    path = seen[-1][0]
    while back := re.search(r'id="go-back" href="([^"]+)"', html.unescape(SITE.get(path).text)):
        path = back[1]
        way.append(big(html.unescape(SITE.get(path).text)))
    assert way == told[::-1]


def test_the_classroom_is_left_and_entered_at_the_same_part() -> None:
    """Whoever looks something up on the child's page goes on in class where the class was."""
    text = page(f"/scenarios/{STORY.id}/class", step=2, part=3)
    (leave,) = re.findall(r'href="([^"]+)">Leave the classroom', text)
    (back,) = re.findall(r'href="([^"]+)">Go on in class: part 4<', html.unescape(SITE.get(leave).text))
    assert big(html.unescape(SITE.get(back).text)) == big(text)
    _, own = upload(FILE, go="classroom.2.3")
    (leave,) = re.findall(r'value="([^"]+)">Leave the classroom', own)
    _, own = upload(FILE, go=leave)
    (back,) = re.findall(r'value="([^"]+)">Go on in class: part 4<', own)
    assert big(upload(FILE, go=back)[1]) == big(text)


@pytest.mark.parametrize("step", [1, 2, 3])
def test_each_part_of_a_step_can_be_jumped_to(step: int) -> None:
    """A list names all parts in order and the one that is shown, and each leads to the part of that name."""
    text = page(f"/scenarios/{STORY.id}/class", step=step, part=1)
    listed = re.findall(r'<li( aria-current="step")?>\s*<a class="link" href="([^"]+)">(.*?)</a>', text)
    assert [bool(here) for here, *_ in listed] == [number == 1 for number in range(len(listed))]
    assert f"Part 2 of {len(listed)}" in text
    for _, path, name in listed[1:]:
        assert big(html.unescape(SITE.get(path).text)) == name


def test_the_class_is_asked_before_it_is_told() -> None:
    """What do you expect? The page that asks gives nothing away."""
    asks = page(f"/scenarios/{STORY.id}/class", step=2)
    assert "What do you expect to change" in asks
    assert "Show what changes" in asks
    assert not [mark for mark in MARKS.values() if mark in asks]
    assert "What do you expect this family to read?" in page(f"/scenarios/{STORY.id}/class")


@pytest.mark.parametrize(
    "path",
    [
        "/scenarios/nobody",
        "/scenarios/nobody/class",
        "/scenarios/nobody/file",
        f"/scenarios/{STORY.id}?step=0",
        f"/scenarios/{STORY.id}?step=4",
        f"/scenarios/{STORY.id}?step=x",
        f"/scenarios/{STORY.id}/class?part=99",
        f"/scenarios/{STORY.id}?part=99",
        f"/scenarios/{STORY.id}/handout?step=9999999999",
        f"/scenarios/{STORY.id}/handout?without=story",
        f"/scenarios/{STORY.id}/handout?without=text-key",
    ],
)
def test_what_does_not_exist_is_not_found(path: str) -> None:
    """No such child, step or part."""
    assert SITE.get(HOME + path).status_code == 404


LACKS = ("", "key", "text", "key-text")


def test_a_handout_comes_without_its_key_too() -> None:
    """Whoever teaches has a paper with the key. For the class, what the family reads may be on a screen instead."""
    path = f"/scenarios/{STORY.id}/handout"
    texts = [page(path, without=without) for without in LACKS]
    assert ["Answer key" in text for text in texts] == [True, False, True, False]
    assert ["Questions for your care team" in text for text in texts] == [True, True, False, False]
    assert ["They are about what this family reads." in text for text in texts] == [False, False, True, True]
    for number, text in enumerate(texts):  # from each to the two that differ in one thing
        led = re.findall(r'/handout\?step=1(?:&without=([a-z-]+))?"', html.unescape(text))
        assert led == [LACKS[number ^ 1], LACKS[number ^ 2]]


def test_a_refusal_here_leads_back_here() -> None:
    """Whoever teaches is not sent to the families' start, and is told how large a file may be."""
    assert f'href="{HOME}"' in SITE.get(f"{HOME}/scenarios/nobody").text
    assert "12 KB" in SITE.post(f"{HOME}/load", data={"text": "x" * 20_000}).text


def test_a_handout_is_a_file_as_well() -> None:
    """Markdown to keep, to change and to print. It lacks what its page lacks, and its name says so."""
    names = []
    for scenario, step in ((STORY.id, 1), (STORY.id, 2), ("mrd-found", 1)):
        for without in LACKS:
            shown = page(f"/scenarios/{scenario}/handout", step=step, without=without)
            link = html.unescape(re.findall(r'href="([^"]*/handout/file[^"]*)"', shown)[0])
            got = SITE.get(link)
            has_key, has_text = "# Answer key" in got.text, "Questions for your care team" in got.text
            assert (has_key, has_text) == ("key" not in without, "text" not in without)
            name = got.headers["content-disposition"].removeprefix('attachment; filename="')
            assert name.startswith(f"{scenario}-step-{step}-" if scenario == STORY.id else f"{scenario}-with")
            assert name.endswith(f'-with{"" if has_key else "out"}-key-with{"" if has_text else "out"}-text.md"')
            assert got.text.startswith(f"# {find(KNOWN, scenario).title}")
            names.append(name)
    assert len(set(names)) == len(names)


# --- what if, compare, why --------------------------------------------------------------------------


@settings(max_examples=25)
@given(profiles(), answers())
def test_what_if_marks_what_comparing_finds(was: ProfileModel, other: dict[str, str]) -> None:
    """Whatever is changed: the same statements with the same marks; what is the same has none."""
    now, _ = Profile.settle({**was.answers, **other})
    text = page("/what-if", was=write(was), **other)
    expected = compare(composer(), was, now)
    found = re.findall(r'class="difference (\w+)" id="([^"]+)"\>\n\<p\>\<b class="mark"\>(.) ', text)
    marked = [pair for part in expected.news_first for pair in part.statements if pair.difference != "same"]
    assert [(kind, name) for kind, name, _ in found] == [(pair.difference, pair.id) for pair in marked]
    signs = {"added": "+", "removed": "−"}
    assert [sign for *_, sign in found] == [signs.get(pair.difference, "~") for pair in marked]


def test_what_if_asks_what_is_asked_and_says_how_much_depends_on_it() -> None:
    """The questions of this child with the answer chosen, and for each the statements that depend on it."""
    text = page("/what-if", was="mrd-found")
    profile = read(KNOWN, "mrd-found", "was").profile
    assert re.findall(r'<select id="field-(\w+)"', text) == [name for name in VALUES if name in profile.asked]
    for one in composer().influences.of(profile):
        assert f"{one.count} statement" in text
    assert "No answer is changed yet" in text


def test_what_if_tells_which_answers_no_longer_fit() -> None:
    """An answer that the changed one makes moot is left out, and named."""
    text = page("/what-if", was="mrd-found", stage="finished")
    assert "no longer fit" in text
    assert KNOWN.question("risk_group").name in text


def test_the_links_of_what_if_hold_the_answers() -> None:
    """Whoever opens the link that was sent sees the same child."""
    text = page("/what-if", was="mrd-found", mrd="not_detected")
    changed = read(KNOWN, "mrd-found", "was").profile.changed({"mrd": "not_detected"})
    onward = [dict(parse_qsl(urlsplit(link).query)) for link in links(text) if "/educators/picture" in link]
    assert [read(KNOWN, words["of"], "of").profile for words in onward] == [changed]


def test_two_children_stand_side_by_side() -> None:
    """What both are told stands there once; each difference has both sides, and the answers and rules behind it."""
    one, other = (read(KNOWN, name, "a").profile for name in ("mrd-found", "no-remission-yet.3"))
    found = compare(composer(), one, other)
    text = page("/compare", a="mrd-found", b="no-remission-yet.3")
    cells = re.findall(r'<div class="pair">(.*?)</div>\n(?:<ul|</div>)', text, re.DOTALL)
    assert len(cells) == len(found.statements)
    assert all("<b>A:</b>" in cell and "<b>B:</b>" in cell for cell in cells)
    for pair in found.shared:
        assert text.count(pair.told.text.splitlines()[0]) >= 1
    for pair in found.statements:
        assert any(f"→ {cause.rule}" in text for cause in pair.causes)


def test_a_comparison_waits_for_both_children() -> None:
    """From a child one comes to choose the other. Nobody is compared with a child whom they did not choose."""
    (link,) = [link for link in links(page("/scenarios/mrd-found")) if "/compare?" in link]
    for address in (link, f"{link}&b=", f"{HOME}/compare?b=mrd-found", f"{HOME}/compare?a=&b=mrd-found"):
        text = html.unescape(SITE.get(address).text)
        assert "Now choose the other child." in text
        assert '<option value="mrd-found" selected>' in text
        assert text.count(' required>\n<option value="">Choose a child</option>') == 1
        assert "What both are told" not in text
    both = page("/compare")
    assert both.count(">Choose a child</option>") == 2
    assert "Now choose" not in both


def test_a_child_of_whom_nothing_is_known_can_be_compared() -> None:
    """It has an address of its own, from a what-if that began with it, too."""
    text = page("/what-if", stage="induction")
    (link,) = [link for link in links(text) if "/compare?" in link and "b=" in link]
    assert "What both are told" in html.unescape(SITE.get(link).text)
    a, b = (dict(parse_qsl(urlsplit(link).query))[side] for side in ("a", "b"))
    assert [read(KNOWN, side, "of").profile for side in (a, b)] == [Profile(), Profile(stage="induction")]


TITLED = [
    *(f"/scenarios/{STORY.id}?step={step}" for step in (1, 2, 3)),
    *(f"/scenarios/{STORY.id}/handout?step={step}" for step in (1, 2, 3)),
    *(f"/scenarios/{STORY.id}/class?step={step}&part={part}" for step in (1, 2) for part in (0, 1)),
    *(f"/{page}=mrd-found" for page in ("what-if?was", "why?of", "picture?of")),
    *(f"/{page}={STORY.id}.2" for page in ("what-if?was", "why?of", "picture?of")),
    *(f"/why?of=mrd-found&statement={statement}" for statement in ("induction.fourth-drug", "ph.targeted-drugs")),
    "/compare?a=mrd-found&b=maintenance-at-home",
    "/compare?a=maintenance-at-home&b=mrd-found",
    "/compare",
]


def test_no_two_pages_have_one_title() -> None:
    """Whoever has several of them open, or looks at a history, can tell the child, the step and the page."""
    titles = [re.findall(r"<title>(.*?) – Pathway Explainer</title>", SITE.get(HOME + path).text) for path in TITLED]
    assert all(len(found) == 1 and found[0] == " ".join(found[0].split()) for found in titles)
    assert len({found[0] for found in titles}) == len(TITLED)


def test_a_child_compared_with_itself_differs_in_nothing() -> None:
    """And the page says so."""
    assert "Nothing differs" in page("/compare", a="mrd-found", b="mrd-found")


@settings(max_examples=25)
@given(profiles(), st.sampled_from(list(KNOWN.statements)))
def test_why_answers_for_every_statement(profile: ProfileModel, statement: str) -> None:
    """Told, possible or not: each has its facts, its passage, its chain and all its least changes."""
    text = page("/why", of=write(profile), statement=statement)
    states = {"definite": "This is told:", "conditional": "This is told with an “If”:", "no": "This is not told:"}
    assert states[composer().engine.decide(profile).statements.get(statement, "no")] in text
    _, rule = KNOWN.statements[statement]
    assert all(composer().phrasing.passage(fact) in text for fact in rule.facts)


def test_the_list_of_statements_is_that_of_the_child_that_was_chosen() -> None:
    """A child is chosen first, by itself: what the list says of a statement never belongs to another child."""
    statement = "consolidation.extra-drugs"
    text = page("/why", of="a-relapse-in-a-testicle", statement=statement)
    first, second = re.findall(r'<form class="filter".*?</form>', text, re.DOTALL)
    assert '<select id="of"' in first
    assert f'name="statement" value="{statement}"' in first
    assert '<select id="statement"' in second
    assert 'name="of" value="a-relapse-in-a-testicle"' in second
    for of in ("a-relapse-in-a-testicle", "mrd-found"):
        profile = read(KNOWN, of, "of").profile
        listed = dict(re.findall(r'<option value="([a-z-]+\.[a-z-]+)"(?: selected)?>([^:]+):', page("/why", of=of)))
        words = {"definite": "Told", "conditional": "With “If”", "no": "Not told"}
        decided = composer().engine.decide(profile).statements
        assert listed == {name: words[decided.get(name, "no")] for name in KNOWN.statements}


@pytest.mark.parametrize("statement", ["consolidation.extra-drugs", "recurrent.testicle", "ph.targeted-drugs"])
def test_a_least_change_can_be_tried_at_once(statement: str) -> None:
    """The link beside it leads to a what-if in which the statement turns."""
    text = page("/why", of="mrd-found", statement=statement)
    tries = [link for link in links(text) if link.startswith(f"{HOME}/what-if?was=mrd-found&")]
    assert tries
    for link in tries:
        assert re.search(rf'class="difference \w+" id="{re.escape(statement)}"', SITE.get(link).text)


def test_the_map_names_every_statement() -> None:
    """Nothing of the knowledge is left out of its map."""
    text = page("/map")
    assert all(section.title in text for section in KNOWN.sections)


def test_a_picture_holds_what_is_told() -> None:
    """Each statement leads on to its why."""
    for of in ("mrd-found", ""):
        text = page("/picture", of=of)
        told = [s.id for section in explain(read(KNOWN, of, "of").profile).sections for s in section.statements]
        assert {name for name in told if f"statement={name}" in text} == set(told)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/what-if?was=mrd-fond", "did you mean mrd-found"),
        ("/what-if?was=mrd-found&stag=induction", "did you mean stage"),
        ("/what-if?was=mrd-found&stage=indukshun", "did you mean induction"),
        ("/compare?a=mrd-found&b=stage:x", "'x' is not an answer"),
        ("/why?of=&statement=induction.fourth-drg", "did you mean induction.fourth-drug"),
        ("/picture?of=nobody", "no scenario is named"),
        ("?topic=mrdd", "did you mean mrd"),
        ("/save?of=nobody", "no scenario is named"),
    ],
)
def test_an_address_that_does_not_fit_says_what_is_wrong(path: str, said: str) -> None:
    """A link that lost a part on its way gets the place, the bad word and the nearest right one."""
    got = SITE.get(HOME + path)
    assert got.status_code == 400
    assert said in html.unescape(got.text)
    assert f'<a href="{HOME}">The library lists all made-up children.</a>' in got.text
    assert "`explainer" not in got.text


@settings(max_examples=60)
@given(
    st.sampled_from(["/what-if", "/compare", "/why", "/picture", "/save", "", f"/scenarios/{STORY.id}/class"]),
    st.dictionaries(
        st.sampled_from(["was", "of", "a", "b", "statement", "stage", "topic", "step", "part"]),
        st.text() | st.sampled_from(["mrd-found", "stage:induction", "induction", "2", "."]),
    ),
)
def test_no_address_makes_a_page_fail(path: str, words: dict[str, str]) -> None:
    """Whatever is written into an address, there is a page: found, not found, or what is wrong with it."""
    assert SITE.get(HOME + path, params=words).status_code in (200, 400, 404)


# --- from and to a file --------------------------------------------------------------------------------


def test_what_others_have_put_into_an_address_is_passed_over() -> None:
    """A letter that is sent out by a program has marks of its own in each address."""
    assert page("/what-if", was="mrd-found", utm_source="mail", fbclid="x") == page("/what-if", was="mrd-found")


def test_the_example_of_a_file_opens() -> None:
    """Whoever begins with it has a child with a story in steps, and nothing to mend."""
    found = re.search(r'<pre class="file">(.*?)</pre>', SITE.get(f"{HOME}/load").text, re.DOTALL)
    assert found
    example = html.unescape(found[1])
    assert "\nsteps:\n" in example
    assert len(example.splitlines()) <= 30
    status, text = upload(example)
    assert status == 200
    assert "Step 1 of" in text


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ünïts für Noah", "units-fur-noah"),
        ("A Straße, 2 Wege", "a-strasse-2-wege"),
        ("ﬁve – six", "five-six"),
        ("孩子", "scenario"),
        ("A long one " * 40, "a-long-one-a-long-one-a-long-one-a-long-one-a-long-one-a-lon"),
    ],
)
def test_a_title_with_accents_names_its_file_without(title: str, name: str) -> None:
    """The name of a file holds plain letters, and can still be read."""
    told = {**TOLD, "title": title, "topics": ["mrd"]}
    got = SITE.post(f"{HOME}/save", params={"of": "stage:induction"}, data=told)
    assert got.headers["content-disposition"] == f'attachment; filename="{name}.yaml"'
    assert f"title: {title.strip()}" in " ".join(got.text.split())


def test_a_file_as_large_as_may_be_goes_all_the_way() -> None:
    """Its text comes back from the browser with longer ends of lines, and still fits."""
    pad = "# " + "x" * 40 + "\n"
    large = FILE + pad * ((LARGEST - len(FILE.encode())) // len(pad))
    assert upload(large)[0] == 200
    asked = walk(KNOWN, STORY)[1].answers
    for view, tried in (("scenario", {}), ("what_if", asked), ("save", asked)):
        sent = {"text": large.replace("\n", "\r\n"), "go": f"{view}.2.0", **tried}
        got = SITE.post(f"{HOME}/load", files={name: (None, word) for name, word in sent.items()})
        assert STORY.steps[0].story in html.unescape(got.text)


def test_a_saved_child_opens_again() -> None:
    """The file that the site gives is one that it takes, story and steps and all."""
    got = SITE.get(f"{HOME}/scenarios/{STORY.id}/file")
    assert got.headers["content-disposition"] == f'attachment; filename="{STORY.id}.yaml"'
    status, text = upload(got.content)
    assert (status, heading(text)) == (200, STORY.title)
    assert STORY.story in text
    status, text = upload(got.content, go="scenario.2.0")
    assert STORY.steps[0].story in text
    status, text = upload(got.content, go="classroom.3.1")
    assert big(text) == "What has changed since the step before"
    assert upload(got.content, go="handout.1.0")[0] == 200
    assert "Answer key" not in upload(got.content, go="handout.1.0.key")[1]
    assert upload(got.content, go="handout.1.0.story")[0] == 404
    assert upload(got.content, go="scenario.9.0")[0] == 404


def test_points_that_were_pasted_as_a_list_are_saved_without_its_signs() -> None:
    """Lists are made by our pages; a sign of another's list would stand there twice."""
    told = {"title": "A", "story": "Ana is in induction.", "teaches": "One thing.", "topics": "mrd"}
    points = "- One point\n* Two\n  • Three\n4. Four\n- \n5-year-olds are told the same"
    sent = SITE.post(f"{HOME}/save?of=mrd-found", data={**told, "notice": points})
    saved = read_scenario(sent.content, "a.yaml", knowledge())
    assert saved.notice == ("One point", "Two", "Three", "Four", "5-year-olds are told the same")


def test_where_nothing_was_chosen_nothing_is_said_to_need_mending() -> None:
    """Who has forgotten to choose a file is told to, and looks for no fault in it."""
    sent = SITE.post(f"{HOME}/load", data={"text": ""})
    assert sent.status_code == 422
    assert "Choose a file, or paste its text below" in sent.text
    assert "needs mending" not in sent.text


def test_an_opened_child_goes_on_without_its_file() -> None:
    """Its pages send its text along, so that Next needs no second upload; its answers alone get into addresses."""
    _, text = upload(FILE)
    hidden = re.search(r'name="text" value="([^"]*)"', SITE.post(f"{HOME}/load", data={"text": FILE}).text)
    assert hidden
    assert html.unescape(hidden[1]) == FILE
    again = SITE.post(
        f"{HOME}/load", data={"text": html.unescape(hidden[1]).replace("\n", "\r\n"), "go": "scenario.3.0"}
    )
    assert STORY.steps[1].story in html.unescape(again.text)
    for link in links(text):
        assert "Aisha" not in link
    words = [dict(parse_qsl(urlsplit(link).query)) for link in links(text) if "/picture?" in link]
    assert read(KNOWN, words[0]["of"], "of").profile == walk(KNOWN, STORY)[0]


def test_a_what_if_of_an_opened_child_keeps_its_story_and_leads_back() -> None:
    """A changed answer loses neither the story nor the way to it, and no word of either gets into an address."""
    status, text = upload(FILE, go="what_if.2.0", mrd="detected")
    assert status == 200
    was = walk(KNOWN, STORY)[1]
    expected = compare(composer(), was, was.changed({"mrd": "detected"}))
    found = re.findall(r'class="difference (\w+)" id="([^"]+)"', text)
    assert found == [(pair.difference, pair.id) for pair in expected.statements]
    assert STORY.steps[0].title in text
    assert STORY.steps[0].story in text
    assert 'name="go" value="scenario.2.0">Back to the child' in text
    assert not [link for link in links(text) if "Aisha" in link or STORY.id in link]
    assert upload(FILE, go="what_if.2.0", mrd="maybe")[0] == 400


def test_what_a_file_brought_may_be_kept_for_back_alone() -> None:
    """Browsers show an error in place of what a form brought, if they may not keep it. All else is kept by nobody."""
    form = {"text": FILE}
    for sent in (form, {**form, "go": "what_if.1.0"}, {**form, "go": "classroom.2.0"}, {"text": "x"}):
        assert SITE.post(f"{HOME}/load", data=sent).headers["cache-control"] == "private, no-cache"
    assert SITE.post(f"{HOME}/save", data={}).headers["cache-control"] == "private, no-cache"
    for path in ("", "/load", "/what-if", f"/scenarios/{STORY.id}", "/save"):
        assert SITE.get(HOME + path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("answers", "given"),
    [
        ("stage: induction\nrisk_group: high\n", {"stage": "induction", "risk_group": "high"}),
        ('{\n  "stage": "finished",\n  "look_ahead": true\n}', {"stage": "finished", "look_ahead": True}),
        ("{}", {}),
    ],
    ids=["YAML", "JSON", "nothing known"],
)
def test_a_file_of_answers_alone_opens(answers: str, given: dict[str, object]) -> None:
    """A child without a story has an address: its what-if."""
    sent = SITE.post(f"{HOME}/load", data={"text": answers})
    assert sent.status_code == 303
    assert sent.headers["location"].startswith(f"{HOME}/what-if")
    words = dict(parse_qsl(urlsplit(sent.headers["location"]).query))
    assert read(KNOWN, words["was"], "was").profile == Profile(**given)


def test_a_file_with_faults_shows_each_at_its_line_and_loses_nothing() -> None:
    """The text stands there to be mended, with all that is wrong in it."""
    broken = FILE.replace("stage: induction", "stage: indukshun").replace("topics: [mrd]", "topics: [mrdd]")
    assert broken.count("indukshun") == 1
    status, text = upload(broken)
    line = next(number for number, told in enumerate(broken.splitlines(), 1) if "indukshun" in told)
    assert status == 422
    assert f"Line {line}: " in text
    assert "did you mean induction" in text
    assert 'role="alert"' in text
    assert broken.splitlines()[2] in text


def test_a_file_that_is_too_large_is_shown_whole() -> None:
    """What stands in the box can be made shorter there, and is not a part that passes for the whole."""
    status, text = upload(FILE + "# pad\n" * (LARGEST // 6) + "# the end")
    assert status == 422
    assert "# the end</textarea>" in text


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe", b"a: &a [*a]", b"[" * 5000, b"x" * (LARGEST + 1), b"\0", b"- 1", b"id: 9" + b"9" * 5000],
    ids=["empty", "no text", "alias", "deep", "large", "null", "list", "huge number"],
)
def test_no_file_makes_the_page_fail(raw: bytes) -> None:
    """Each gets its faults, never half a child."""
    status, text = upload(raw)
    assert status == 422
    assert 'role="alert"' in text


def test_more_than_one_file_may_hold_is_not_taken() -> None:
    """The guard stops it before anything reads it."""
    assert upload(b"x" * 20_000)[0] == 413


def filled_in(text: str) -> dict[str, object]:
    """What stands in the form that saves a child."""
    found: dict[str, object] = {
        name: html.unescape(word)
        for name, word in re.findall(r'<textarea id="(\w+)".*?>\n(.*?)</textarea>', text, re.DOTALL)
    }
    title = re.search(r'id="title".*?value="(.*?)"', text)
    assert title
    return {**found, "title": html.unescape(title[1]), "topics": re.findall(r'value="([a-z-]+)" checked', text)}


def test_saving_begins_with_what_is_told_of_the_child() -> None:
    """Of a child of the library, of one that was opened, and of what was made of them, nobody has to type it again.

    What it shows and what is to be noticed would be wrong for other answers, and so would be the answer key.
    """
    second = STORY.steps[0]
    told = {
        "title": f"{STORY.title}: {second.title}",
        "story": f"{STORY.story} {second.story}",
        "teaches": STORY.teaches,
        "notice": "\n".join(second.notice),
        "topics": list(STORY.topics),
    }
    of = {"of": f"{STORY.id}.2"}
    assert filled_in(SITE.get(f"{HOME}/save", params=of).text) == told
    tried = SITE.get(f"{HOME}/what-if", params={"was": f"{STORY.id}.2", "mrd": "detected"}).text
    (link,) = [link for link in links(html.unescape(tried)) if link.startswith(f"{HOME}/save")]
    changed = {**told, "teaches": "", "notice": ""}
    assert filled_in(SITE.get(link).text) == changed
    assert "MRD was found" in SITE.get(link).text
    sent = SITE.post(f"{HOME}/load", data={"text": FILE, "go": "save.2.0", "mrd": "detected"}).text
    assert filled_in(sent) == changed
    assert "MRD was found" in sent
    assert "mrd%3Adetected" in sent
    assert filled_in(SITE.get(f"{HOME}/save", params={"of": "stage:induction"}).text)["title"] == ""


def test_a_story_that_was_opened_is_saved_with_its_steps() -> None:
    """Of a child that nobody has changed, the file is the one that was opened."""
    saved = SITE.post(f"{HOME}/load", data={"text": FILE, "go": "save.2.0"})
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert read_scenario(saved.text.encode(), "file", KNOWN) == read_scenario(FILE.encode(), "file", KNOWN)


TOLD = {
    "title": "My <b>child</b>",
    "story": "Kim  has\nALL.",
    "teaches": "One thing: this.",
    "notice": "First\n\nSecond",
}


def test_what_if_saves_as_a_scenario() -> None:
    """Answers, and what somebody tells about them, come as a file that opens again."""
    got = SITE.post(f"{HOME}/save", params={"of": "stage:induction"}, data={**TOLD, "topics": ["mrd", "phases"]})
    assert got.status_code == 200
    assert got.headers["content-disposition"] == 'attachment; filename="my-b-child-b.yaml"'
    status, text = upload(got.content)
    assert status == 200
    assert TOLD["title"] in text
    assert "Kim has ALL." in text
    assert "<b>child</b>" not in SITE.post(f"{HOME}/load", files={"file": ("a.yaml", got.content)}).text


@pytest.mark.parametrize("missing", ["title", "story", "teaches", "topics"])
def test_saving_says_what_is_missing_and_keeps_the_rest(missing: str) -> None:
    """Nobody types anything twice."""
    sent = {**TOLD, "topics": ["mrd"]}
    del sent[missing]
    got = SITE.post(f"{HOME}/save", params={"of": "stage:induction"}, data=sent)
    assert got.status_code == 422
    assert f'href="#{missing}"' in got.text
    assert 'role="alert"' in got.text
    kept = {name: word for name, word in TOLD.items() if name != missing}
    assert all(html.escape(word).replace("&#x27;", "&#39;") in got.text for word in kept.values())


# --- apart from the questionnaire -----------------------------------------------------------------------


def test_educators_pages_never_show_what_a_family_has_answered() -> None:
    """The cookie of the questionnaire is not read here: no page and no address holds anything of it."""
    family = TestClient(create(), headers={"Cookie": f"{cookie.NAME}=1.leukemia_type:all.stage:relapsed"})
    for path in ("", "/what-if", "/picture", "/save", "/why"):
        with_answers, without = family.get(HOME + path).text, SITE.get(HOME + path).text
        form = re.compile(r'<form method="post" action="/clear">.*?</form>\n', re.DOTALL)
        assert form.sub("", with_answers) == without


def test_families_pages_hold_no_answers_in_addresses() -> None:
    """Nothing leads from a family's explanation to the educators' pages with its answers."""
    family = TestClient(create(), headers={"Cookie": f"{cookie.NAME}=1.leukemia_type:all.stage:induction"})
    assert "educators" not in family.get("/explanation").text


def test_only_what_if_may_fetch_and_only_from_here() -> None:
    """Every other page keeps the policy of the site as it is."""
    assert SITE.get(f"{HOME}/what-if").headers["content-security-policy"].endswith("; connect-src 'self'")
    for path in ("", "/compare", "/why", "/map", "/load"):
        assert "connect-src" not in SITE.get(HOME + path).headers["content-security-policy"]


def test_the_pages_are_light() -> None:
    """No page of an educator's is over 150 KB, whatever the child; most are far below."""
    paths = ["", "/map", "/load", "/compare?a=mrd-found&b=stage:finished", "/picture?of=stage:induction", "/what-if"]
    paths += ["/why?of=&statement=consolidation.extra-drugs", *(f"/scenarios/{one.id}" for one in KNOWN.scenarios)]
    sizes = {path: len(SITE.get(HOME + path).content) for path in paths}
    assert max(sizes.values()) < 150_000
    assert sorted(sizes.values())[len(sizes) // 2] < 100_000


def test_every_page_says_that_the_children_are_made_up() -> None:
    """Also in class and on a handout."""
    for path in ("", "/what-if", "/compare", "/why", "/map", "/load", "/picture", "/save"):
        assert "never enter the answers of a real child" in page(path)
    assert "This child is made up." in page(f"/scenarios/{STORY.id}/class")
