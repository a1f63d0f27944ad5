"""A scenario in a file of its own: what is written reads the same, and whatever is wrong is told at its line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from explainer.compose import composer
from explainer.errors import Fault, InputError, KnowledgeError
from explainer.knowledge import Scenario, ScenarioStep
from explainer.lesson import lesson
from explainer.loader import knowledge, load
from explainer.resources import folder
from explainer.scenario_file import LARGEST, read_scenario, scenario_yaml
from tests.mangle import mangled
from tests.strategies import answers

KNOWN = knowledge()
FILES = sorted((folder("rules") / "scenarios").glob("*.yaml"))
GOOD = (folder("rules") / "scenarios" / "no-remission-yet.yaml").read_text("utf-8")
SAMPLE = Path(__file__).parent / "sample"
BROKEN = [
    path
    for path in sorted((Path(__file__).parent / "broken").glob("*.yaml"))
    if path.read_text("utf-8").startswith("# replaces: scenarios/")
]
PLACE = "mine.yaml"


def refused(raw: bytes | str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_scenario(raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass"), PLACE, KNOWN)
    return str(caught.value).splitlines()


# --- reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_scenario_of_the_rules_reads_by_itself_as_it_does_among_them(path: Path) -> None:
    """An educator can take any of ours as a file to begin with."""
    (same,) = [scenario for scenario in KNOWN.scenarios if scenario.id == path.stem]
    assert read_scenario(path.read_bytes(), PLACE, KNOWN) == same


def test_a_file_may_have_any_name_and_be_marked_as_the_example() -> None:
    """What ties a scenario to the folder does not bind a file apart from it; and our example stays the only one."""
    read = read_scenario(f"example: true\n{GOOD}".encode(), PLACE, KNOWN)
    assert read.id != Path(PLACE).stem
    assert read.example
    assert lesson(composer(), read, 3).is_last
    assert [scenario.id for scenario in KNOWN.scenarios if scenario.example] == ["standard-risk-in-induction"]


@pytest.mark.parametrize("path", BROKEN, ids=[path.stem for path in BROKEN])
def test_a_mistake_is_told_as_it_would_be_among_the_rules(path: Path, tmp_path: Path) -> None:
    """One code checks both: a file by itself gets the same fault at the same line, if it is not about the folder."""
    plants = load(SAMPLE)
    text = path.read_text("utf-8")
    rules = Path(shutil.copytree(SAMPLE, tmp_path / "rules"))
    place = text.partition("\n")[0].removeprefix("# replaces: ")
    (rules / place).write_text(text, "utf-8")
    with pytest.raises(KnowledgeError) as among:
        load(rules)
    if re.search("differs from the file's name|is the example|has this title", str(among.value)):
        assert read_scenario(text.encode(), PLACE, plants).profile
        return
    with pytest.raises(InputError) as alone:
        read_scenario(text.encode(), f"rules/{place}", plants)
    assert str(alone.value) == str(among.value)


def replaced(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


TITLE = "No remission after the first month"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", "", "the file is empty"),
        (" \n", "", "the file is empty"),
        ("- a\n", ":1", "the file wants keys with values (key: value), found ['a']"),
        ("x" * LARGEST + "x", "", "the file is larger than 12,288 bytes"),
        (b"id: a\ntitle: \xff\n", ":2", "byte 0xff is not UTF-8 text; save the file as UTF-8"),
        (GOOD.encode("utf-16"), ":1", "byte 0xff is not UTF-8 text; save the file as UTF-8"),
        ("id: a\n\0", ":2", "the character '\\x00' is not text; delete it"),
        (replaced(TITLE, '"a\\0b"'), ":2", "the character '\\x00' is not text; delete it"),
        (replaced(TITLE, '"a\\uFFFE"'), ":2", "the character '\\ufffe' is not text; delete it"),
        (replaced(TITLE, '"a\\uD800"'), ":2", "this is not valid YAML"),
        ("[" * 6000, ":1", "this is nested more than 30 deep"),
        ("{a: " * 3000, ":1", "this is nested more than 30 deep"),
        ("a: &x [1]\nb: [*x, *x]\n", ":1", "YAML takes text that begins with & or * for an anchor or alias"),
        (f"{GOOD}---\na: b\n", ":31", "a second document (---) begins here; a file holds one"),
        (replaced(TITLE, "!!python/name:os.system"), ":2", "YAML takes text that begins with ! for a tag"),
        (replaced("[mrd]", "[mdr]"), ":5", "no topic is named 'mdr'; allowed: "),
        (replaced("id: no-r", "id: No r"), ":1", "'No remission-yet' does not fit here; wanted: small letters"),
        (replaced("teaches:", "teachs:"), ":4", "unknown key 'teachs'; allowed: id, title"),
        (replaced("risk_group: high", "risk_group: hihg"), ":12", "risk_group: 'hihg' is not an answer; allowed: "),
        (replaced("risk_group: high", "risk_group: 1e999"), ":12", "risk_group: '1e999' is not an answer"),
        (replaced("risk_group: high", f"{'9' * 900}: 1"), ":12", "unknown field '9999"),
        (replaced("stage: induction", "stage: relapsed"), ":12", "risk_group: 'high' does not go with the other"),
        (replaced("mrd: not_detected", "relapse_site: csf"), ":27", "relapse_site: 'csf' does not go with the other"),
        (replaced("remission: reached", "remission: not_reached"), ":21", "this changes nothing"),
        (replaced("answers: {remission: reached}", "answers: reached"), ":21", "'answers' wants keys with values"),
    ],
)
def test_whatever_is_wrong_is_told_at_its_line(text: bytes | str, line: str, said: str) -> None:
    """A slip, a file of another kind and an attack are refused alike: with the place, and what to do."""
    assert refused(text)[0].startswith(f"{PLACE}{line}: {said}")


def test_every_fault_is_told_at_once_in_order() -> None:
    """Nobody has to upload a file once for each mistake."""
    text = replaced("[mrd]", "[mdr]").replace("cell_type: b_cell", "cell_type: c_cell").replace("ph_status", "ph_satus")
    places = [line.partition(": ")[0] for line in refused(text)]
    assert places == ["mine.yaml:5", "mine.yaml:13", "mine.yaml:14"]


def test_of_very_many_faults_the_first_are_told() -> None:
    """A file of another kind does not bring thousands of lines; it says where the others begin."""
    said = refused("\n".join(f"k{number}: v" for number in range(1000)))
    assert len(said) == 21
    assert said[-1] == "mine.yaml:14: from here on there are 987 more mistakes"


def read_or_refused(raw: bytes) -> Scenario | None:
    """What any bytes come to: a scenario that can be written again, or faults with their place."""
    faults: tuple[Fault, ...] = ()
    try:
        scenario = read_scenario(raw, PLACE, KNOWN)
    except InputError as error:
        faults = error.faults
    else:
        assert read_scenario(scenario_yaml(scenario).encode(), PLACE, KNOWN) == scenario
        return scenario
    assert faults
    assert all(fault.place == PLACE and fault.message for fault in faults)
    return None


@given(st.data())
def test_a_spoilt_scenario_is_read_or_refused_at_a_line(data: st.DataObject) -> None:
    """Any slip of the hand gives a scenario or faults, never a traceback."""
    text = data.draw(st.sampled_from([path.read_text("utf-8") for path in FILES]))
    for _ in range(data.draw(st.integers(1, 3))):
        text = data.draw(mangled(text)) or "x"
    read_or_refused(text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_refused(raw: bytes) -> None:
    """What is no scenario at all is a fault, whatever it is."""
    assert read_or_refused(raw) is None


@given(st.integers(0, len(GOOD.encode()) - 1), st.integers(1, 255))
def test_a_scenario_with_one_byte_changed_is_read_or_refused(at: int, by: int) -> None:
    """A file that was damaged on its way is no worse."""
    raw = bytearray(GOOD.encode())
    raw[at] ^= by
    read_or_refused(bytes(raw))


# --- writing ---------------------------------------------------------------------------------


def test_a_scenario_is_written_as_ours_are() -> None:
    """What an educator saves could be put into rules/scenarios/ as it is."""
    assert scenario_yaml(read_scenario(GOOD.encode(), PLACE, KNOWN)) == GOOD
    example = (folder("rules") / "scenarios" / "standard-risk-in-induction.yaml").read_text("utf-8")
    assert scenario_yaml(read_scenario(example.encode(), PLACE, KNOWN)) == example


texts = st.one_of(
    st.text(max_size=60),
    st.text(
        st.sampled_from(" \n-:#'\"[]{},&*!|>%@`?\\\t~ab1.\x85\u2028\u2029\ufeff\xa0\u200bé\U0001f600"), max_size=60
    ),
    st.lists(st.text(st.sampled_from("abc xyz: "), min_size=1, max_size=12), min_size=20, max_size=40).map(" ".join),
    st.sampled_from(["no", "null", "~", "1:30", "012", "=", "---", "...", "- a", "a\n- b\n- c", "2024-06-24", "<<"]),
)


def fits(text: str) -> bool:
    """Whether a scenario may say this at all."""
    try:
        ScenarioStep(title=text, story="x", answers={}, notice=())
    except ValidationError:
        return False
    return True


@st.composite
def made_up(draw: st.DrawFn, said: st.SearchStrategy[str]) -> Scenario:
    """A scenario with steps, in any words."""
    notice = st.lists(said, max_size=3).map(tuple)
    story = st.fixed_dictionaries({"title": said, "story": said, "notice": notice})
    begun = draw(answers())
    profile = KNOWN.profile.read(begun)
    steps = []
    for step in draw(st.lists(story, max_size=3)):
        wanted = draw(answers())
        changes = {name: word for name, word in wanted.items() if word != profile.answers[name]}
        if changes:
            steps.append({**step, "answers": changes})
            profile = KNOWN.profile.read(wanted)
    return Scenario.model_validate(
        {
            **draw(story),
            "id": draw(st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)),
            "teaches": draw(said),
            "topics": draw(st.lists(st.sampled_from([t.id for t in KNOWN.topics]), min_size=1, unique=True)),
            "example": draw(st.sampled_from(["true", "false"])),
            "profile": {name: begun[name] for name in draw(st.permutations(sorted(begun)))},
            "steps": steps,
        }
    )


@given(made_up(texts.filter(fits)))
def test_what_is_written_reads_the_same(scenario: Scenario) -> None:
    """Saving and loading loses nothing and adds nothing, whatever signs an educator has typed."""
    text = scenario_yaml(scenario)
    if len(text.encode()) <= LARGEST:
        assert read_scenario(text.encode(), PLACE, KNOWN) == scenario
    assert scenario_yaml(scenario) == text


def test_what_is_written_has_lines_to_read() -> None:
    """A person can read the file: no line runs on, a list has its lines, and plain words stand without quotes."""
    long = " ".join(["A long story that goes on, and on."] * 20)
    scenario = read_scenario(GOOD.encode(), PLACE, KNOWN).model_copy(
        update={"story": long, "teaches": "Two:\n- a\n- b"}
    )
    text = scenario_yaml(scenario)
    assert read_scenario(text.encode(), PLACE, KNOWN) == scenario
    assert max(map(len, text.splitlines())) <= 125
    assert "\nstory: A long story" in text
    assert "\nteaches: |-\n  Two:\n  - a\n  - b\n" in text
