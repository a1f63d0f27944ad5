"""Reading profiles and made-up children, and the file that answers are saved in."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given

from explainer import Profile
from explainer.address import Child
from explainer.errors import InputError, ProfileError
from explainer.files import profile_yaml, read_child
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from explainer.scenario_file import scenario_yaml
from explainer.scenarios import find, walk
from tests.strategies import UNKNOWN, profiles


@given(profiles())
def test_a_saved_profile_is_read_again_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, profile: ProfileModel
) -> None:
    """What the questionnaire saves is the same child's answers for ever, and saving it again gives the same file."""
    saved = tmp_path_factory.getbasetemp() / "saved.yaml"
    saved.write_text(profile_yaml(profile), "utf-8")
    again = read_child(str(saved), (), knowledge(), "PROFILE").profile
    assert again == profile
    assert profile_yaml(again) == saved.read_text("utf-8")


@given(profiles())
def test_any_yaml_reader_reads_a_saved_profile_alike(profile: ProfileModel) -> None:
    """Ordinary YAML turns none of our words into a boolean or a number, but for the one flag that is one."""
    loaded = yaml.safe_load(profile_yaml(profile))
    flags = {name for name, field in Profile.questions.items() if field.is_flag}
    assert all(isinstance(word, str) != (name in flags) for name, word in loaded.items())
    assert Profile(**loaded) == profile


def test_answers_not_known_are_not_saved() -> None:
    """A saved file holds what a person said, and nothing else."""
    assert profile_yaml(Profile(stage="induction", mrd=UNKNOWN)) == "stage: induction\n"
    assert profile_yaml(Profile()) == "{}\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '\ufeff{"stage": "induction", "look_ahead": true}'),
        ("a.JSON", '{"look_ahead": "true", "stage": "induction", "mrd": "unknown"}'),
        ("a.yaml", "# ours\r\nstage: 'induction'\r\nlook_ahead: true\r\n"),
        ("a.yml", "{stage: induction, look_ahead: true}"),
    ],
)
def test_a_profile_may_be_written_in_several_ways(name: str, content: str, tmp_path: Path) -> None:
    """JSON or YAML, with or without a byte order mark, comments and Windows line ends: the same child."""
    path = tmp_path / name
    path.write_text(content, "utf-8", newline="")
    assert read_child(str(path), (), knowledge(), "PROFILE").profile == Profile(stage="induction", look_ahead=True)


# --- a child, however it is named ------------------------------------------------------------------

KNOWN = knowledge()
STORY = find(KNOWN, "no-remission-yet")


def child(text: str, *changes: str) -> Child:
    return read_child(text, changes, KNOWN, "PROFILE")


def test_a_child_is_named_by_its_scenario_its_step_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way of naming a child leads to the same answers, and a scenario's file keeps its title."""
    monkeypatch.chdir(tmp_path)
    beginning, second, _ = walk(KNOWN, STORY)
    Path("own.yaml").write_text(scenario_yaml(STORY), "utf-8")
    Path("answers.yml").write_text(profile_yaml(beginning), "utf-8")
    assert child(STORY.id).profile == child("own.yaml").profile == child("answers.yml").profile == beginning
    assert child(f"{STORY.id}.2").profile == child("own.yaml.2").profile == second
    assert child("own.yaml.2").title == child(f"{STORY.id}.2").title
    Path("own.yaml.3").write_text("{}", "utf-8")  # a file of that very name is what is meant
    with pytest.raises(InputError, match=r"a profile is a \.json or \.yaml file, not '\.3'"):
        child("own.yaml.3")
    for name, said in {
        "own.yaml.9": "has no step '9'; allowed: 1, 2, 3",
        "answers.yml.2": "holds answers alone",
    }.items():
        with pytest.raises(InputError, match=said):
            child(name)
    titles = [child(name).title for name in (STORY.id, f"{STORY.id}.2", "own.yaml", "answers.yml")]
    assert titles == [STORY.title, f"{STORY.title}: {STORY.steps[0].title}", STORY.title, "answers.yml"]


def test_changes_are_put_into_a_scenario_as_into_a_file(tmp_path: Path) -> None:
    """Whoever asks of another answer need not write a file for it."""
    own = tmp_path / "own.yaml"
    own.write_text(scenario_yaml(STORY), "utf-8")
    for text in (STORY.id, str(own)):
        assert child(text, "risk_group=standard").profile.answers["risk_group"] == "standard"
        with pytest.raises(ProfileError) as caught:
            child(text, "risk_group=hihg")
        assert str(caught.value).startswith("--set: risk_group: 'hihg' is not an answer; ")


def test_a_change_makes_other_answers_moot_as_in_the_questionnaire(tmp_path: Path) -> None:
    """What `why` proposes can be tried; but a change that does not go with what stays is refused."""
    answers = tmp_path / "answers.yaml"
    answers.write_text("{leukemia_type: all, stage: consolidation, risk_group: standard, mrd: detected}", "utf-8")
    for text in ("mrd-found", str(answers)):
        changed = child(text, "stage=relapsed").profile
        assert changed == child(text).profile.changed({"stage": "relapsed"})
        assert changed.given.keys().isdisjoint({"risk_group", "mrd"})
        with pytest.raises(ProfileError, match=r"^--set: relapse_site: 'csf' does not go with the other answers"):
            child(text, "relapse_site=csf")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no-remision-yet", "PROFILE: no scenario is named 'no-remision-yet'; .*did you mean no-remission-yet"),
        ("no-remission-yet.4", "PROFILE: no-remission-yet has no step '4'; allowed: 1, 2, 3"),
        ("", "PROFILE: no scenario is named ''; allowed: those that `explainer scenarios` lists, or a .json or .yaml"),
        ("no-remission-yet.yaml", "no-remission-yet.yaml: there is no such file"),
        ("./no-remission-yet", "./no-remission-yet: there is no such file"),
        ("..", "..: this is a folder, not a file"),
    ],
)
def test_a_child_that_is_not_there_is_told(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip in a name is told of the argument, with the nearest right one, and one in a file's name of the file."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"^{said}"):
        child(text)


@pytest.mark.parametrize("key", ["profile", "title", "steps"])
def test_a_scenario_with_a_mistake_is_told_as_a_scenario(key: str, tmp_path: Path) -> None:
    """It is held against the form of a scenario, and its title is not taken for an answer."""
    own = tmp_path / "own.yaml"
    own.write_text("\n".join(f"{name}: x" for name in {key, "stage"}), "utf-8")
    with pytest.raises(InputError) as caught:
        child(str(own))
    assert "unknown key 'stage'; allowed: id, title, story" in str(caught.value)
