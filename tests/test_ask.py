"""The questionnaire in a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer import Profile
from explainer.ask import Questionnaire, Stopped
from explainer.files import read_child
from explainer.loader import knowledge
from explainer.profile import ProfileModel
from explainer.readability import flesch_kincaid
from tests.program import PROGRAM, assert_refused, call, shell
from tests.strategies import UNKNOWN, VALUES, profiles

QUESTIONS = {question.field: question for question in knowledge().questions}
TO_THE_SUMMARY = ["aml"]
"""Another leukemia than ALL: nothing more is asked."""
INDUCTION = [
    "all",
    "induction",
    "high",
    "t_cell",
    "negative",
    "found",
    "none",
    "reached",
    "detected",
    "other_match",
    "no",
]
"""An answer to each question about a child in induction."""
ASKED_IN_INDUCTION = [name for name in QUESTIONS if not name.startswith(("relapse", "prior"))]


@dataclass
class Talk:
    """Plays the reader who types `lines`; `said` is all that was shown, up to each line read."""

    lines: Iterable[str]
    said: list[str] = field(default_factory=lambda: [""])

    def __post_init__(self) -> None:
        self._lines = iter(self.lines)
        self.questionnaire = Questionnaire(knowledge(), self.read, self.say)

    def read(self, prompt: str) -> str:
        self.say(prompt)
        self.said.append("")
        for line in self._lines:
            return f"{line}\n"
        raise EOFError

    def say(self, text: str) -> None:
        self.said[-1] += str(text)

    def run(self) -> ProfileModel | None:
        """The profile, or None when the reader has stopped."""
        try:
            return self.questionnaire.run()
        except Stopped:
            return None


def talk(*lines: str) -> Talk:
    """A talk that comes to its end after these lines, before the summary is confirmed."""
    held = Talk(lines)
    assert held.run() is None
    return held


def progress(said: str) -> tuple[int, int]:
    """The number of a question and the total, as they are shown."""
    found = re.search(r"Question (\d+) of about (\d+)", said)
    assert found
    return int(found[1]), int(found[2])


def flat(text: str) -> str:
    return " ".join(text.split())


# --- one question -----------------------------------------------------------------------------


@pytest.mark.parametrize("ask", ["?", "why", " WHY "])
def test_a_question_mark_tells_why_we_ask_and_where_to_look(ask: str) -> None:
    """Whoever wonders about a question learns its reason and where the answer is found, and is asked again."""
    held = talk("all", "induction", ask, "high")
    question = QUESTIONS["risk_group"]
    assert question.why in flat(held.said[3])
    assert question.where in flat(held.said[3])
    assert held.questionnaire.interview.given["risk_group"] == "high"


def test_every_question_shows_its_options_and_what_not_being_sure_does() -> None:
    """Each option is numbered in order, with its help, and "I'm not sure" is always the last."""
    for said, name in zip(talk(*INDUCTION).said[:-2], ASKED_IN_INDUCTION, strict=True):
        question = QUESTIONS[name]
        labels = [*(option.label for option in question.options), "I'm not sure"]
        assert re.findall(r"^  \d  .*$", said, re.MULTILINE) == [
            f"  {number}  {label}" for number, label in enumerate(labels, start=1)
        ]
        for text in (
            question.text,
            question.unsure,
            question.unsure_help or "",
            *(option.help for option in question.options if option.help),
        ):
            assert text in flat(said)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1", "positive"),
        ("2.", "negative"),
        ("3)", UNKNOWN),
        ("positive", "positive"),
        (" Negative ", "negative"),
        ("yes", "positive"),
        ("No", "negative"),
        ("Yes, it was found (Ph-positive)", "positive"),
        ("I'm not sure", UNKNOWN),
        ("I’m not sure", UNKNOWN),
        ("i don't know", UNKNOWN),
        ("unknown", UNKNOWN),
    ],
)
def test_numbers_values_and_labels_are_understood(typed: str, meant: str) -> None:
    """People type what they see or what they would say; each is taken for the answer that it names."""
    held = talk("all", "induction", "high", "b-cell all", typed)
    assert held.questionnaire.interview.given["ph_status"] == meant


@pytest.mark.parametrize("typed", ["", "0", "4", "-1", "1 2", "yes no", "y", "١", "\x00", "a" * 10_000])
def test_what_is_not_understood_is_explained(typed: str) -> None:
    """A slip is met with what can be typed; no answer is made up and none is lost."""
    held = talk("all", "induction", "high", "t_cell", typed, "positive")
    assert "type a number from 1 to 3" in flat(held.said[5])
    assert {"risk_group": "high", "ph_status": "positive"}.items() <= held.questionnaire.interview.given.items()


def test_a_word_that_fits_two_answers_is_none() -> None:
    """Where there are two kinds of yes, "yes" is no answer."""
    held = talk("all", "newly_diagnosed", "3", "3", "3", "3", "yes")
    assert "csf_at_diagnosis" not in held.questionnaire.interview.given


# --- going back and changing ------------------------------------------------------------------


def test_back_keeps_the_answer() -> None:
    """Going back shows the answer given; Enter keeps it, step by step, until the first open question."""
    held = talk("all", "induction", "high", "b", "back", "", "", "t_cell")
    assert "Your answer so far: High risk. Press Enter to keep it." in flat(held.said[4])
    assert "Your answer so far: Induction. Press Enter to keep it." in flat(held.said[5])
    assert [progress(said)[0] for said in held.said[1:8]] == [2, 3, 4, 3, 2, 3, 4]
    assert held.questionnaire.interview.given["risk_group"] == "high"
    assert held.questionnaire.interview.given["cell_type"] == "t_cell"


def test_back_at_the_first_question_says_so() -> None:
    """There is nothing before the first question, and saying so is no end."""
    held = talk("b", "aml")
    assert "This is the first question." in held.said[1]
    assert held.questionnaire.interview.given == {"leukemia_type": "aml"}


def test_back_at_the_summary_leads_to_the_last_question() -> None:
    """`b` goes back everywhere."""
    held = talk(*INDUCTION, "b", "yes")
    assert QUESTIONS["look_ahead"].text in flat(held.said[12])
    assert held.questionnaire.interview.given["look_ahead"] == "true"


def test_the_summary_lists_every_answer_by_its_label() -> None:
    """Before anything is explained, each question stands there once with the answer as it was offered."""
    summary = flat(talk(*INDUCTION).said[-2])
    given = zip(ASKED_IN_INDUCTION, [*INDUCTION[:-1], "false"], strict=True)
    for number, (name, value) in enumerate(given, start=1):
        assert f"{number} {QUESTIONS[name].text} {QUESTIONS[name].option(value).label}" in summary


@pytest.mark.parametrize("number", range(1, 12))
def test_any_answer_can_be_changed_from_the_summary(number: int) -> None:
    """The number of a line leads to its question; keeping the answer leads straight back."""
    held = Talk([*INDUCTION, str(number), "", ""])
    assert held.run() == Talk([*INDUCTION, ""]).run()
    assert progress(held.said[12])[0] == number
    assert "Your answer so far" in held.said[12]


@pytest.mark.parametrize("typed", ["0", "12", "x", "?"])
def test_a_slip_at_the_summary_is_explained(typed: str) -> None:
    """Nothing is shown that was not confirmed."""
    held = talk(*INDUCTION, typed)
    assert "press Enter to go on, or type a number from 1 to 11" in flat(held.said[12])


def test_a_change_sets_aside_what_no_longer_matters_and_says_what() -> None:
    """After a change, moot answers are named with what they were; only newly opened questions are asked."""
    held = Talk([*INDUCTION, "2", "relapsed", "first", "early", "csf", "not_done", "done", "not_reached", ""])
    profile = held.run()
    told = flat(held.said[13])
    assert "We have set these answers aside:" in told
    gone = {"risk_group": "high", "gene_changes": "found", "csf_at_diagnosis": "none", "mrd": "detected"}
    gone |= {"remission": "reached"}  # it was about the time before
    for name, value in gone.items():
        assert f"- {QUESTIONS[name].text} {QUESTIONS[name].option(value).label}" in told
    assert told.count("?") == len(gone) + 1  # the next question
    kept = {"cell_type": "t_cell", "ph_status": "negative", "donor": "other_match"}
    new = {"remission": "not_reached", "relapse_count": "first", "relapse_timing": "early", "relapse_site": "csf"}
    prior = {"prior_cranial_radiation": "not_done", "prior_transplant": "done"}
    assert profile == Profile(leukemia_type="all", stage="relapsed", **kept, **new, **prior)


def test_answers_nobody_was_sure_of_are_set_aside_in_silence() -> None:
    """There is nothing to tell about an answer that was "I'm not sure"."""
    held = talk("all", "3", *["unknown"] * 9, "2", "relapsed")
    assert "set these answers aside" not in held.said[-2]


# --- stopping ---------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["q", "Quit", "stop", "exit"])
@pytest.mark.parametrize("before", [[], TO_THE_SUMMARY])
def test_a_word_stops_everywhere(word: str, before: list[str]) -> None:
    """Nobody is held: at a question and at the summary, q ends it."""
    held = Talk([*before, word, "never read"])
    assert held.run() is None
    assert len(held.said) == len(before) + 2


@pytest.mark.parametrize("moment", ["read", "say"])
def test_an_interrupt_stops_at_any_moment(moment: str) -> None:
    """Ctrl-C is a way to stop, while we wait and while we show something."""
    held = Talk([])

    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    setattr(held.questionnaire, moment, interrupt)
    assert held.run() is None


# --- the words --------------------------------------------------------------------------------


def test_what_the_questionnaire_says_is_easy_to_read() -> None:
    """Its own words, between the questions, are short sentences at grade 6 or below."""
    words = Talk([]).questionnaire.words
    moments = [
        words.welcome(["Nobody checked."]),
        words.at_the_start(),
        words.dropped([]),
        words.summary([], []),
        words.shown(),
    ]
    moments += [words.not_understood(QUESTIONS["mrd"]), words.not_understood_summary(9), words.stopped()]
    lines = [line for said in moments for line in str(said).splitlines() if not line.startswith(("  ", "---"))]
    text = flat(" ".join(lines))
    assert flesch_kincaid(text) <= 6
    assert max(len(sentence.split()) for sentence in re.split(r"(?<=[.!?:])\s+", text)) <= 22


# --- every walk -------------------------------------------------------------------------------

typed_lines = st.lists(
    st.one_of(
        st.sampled_from(["", "?", "b", "1", "2", "3", "4", "6", "9", "yes", "no", UNKNOWN]),
        st.sampled_from([value for values in VALUES.values() for value in values]),
        st.text(max_size=5),
    ),
    max_size=40,
)


@given(typed_lines)
def test_no_sequence_of_lines_breaks_it(lines: list[str]) -> None:
    """Whatever is typed, the questionnaire goes on, stops, or ends in a profile that may be explained."""
    held = Talk(lines)
    profile = held.run()
    if profile is not None:
        asked = {name for name in VALUES if name in profile.asked}
        assert held.questionnaire.interview.given.keys() == asked
        assert Profile.settle(profile.answers, asked_only=True) == (profile, ())


@given(profiles())
def test_a_walk_through_a_profile_ends_in_it(profile: ProfileModel) -> None:
    """Who gives a child's answers one by one gets that child's profile, less what is never asked of it."""
    asked = Profile.settle(profile.answers, asked_only=True)[0]
    held = Talk([asked.answers[name] for name in VALUES if name in asked.asked] + [""])
    assert held.run() == asked
    numbers = [progress(said) for said in held.said[:-2]]
    assert [number for number, _ in numbers] == list(range(1, len(numbers) + 1))
    assert all(number <= total for number, total in numbers)


def test_the_total_is_right_while_no_answer_changes_it() -> None:
    """Who is not sure of anything is told the right number of questions from the first to the last."""
    held = Talk([UNKNOWN] * 9 + [""])
    assert held.run() == Profile()
    assert [progress(said) for said in held.said[:-2]] == [(number, 9) for number in range(1, 10)]


# --- through the program ----------------------------------------------------------------------

TYPED = "\n".join([*INDUCTION, "", ""]).encode()


def test_standard_output_holds_the_explanation_alone(tmp_path: Path) -> None:
    """The explanation can be sent to a file or a printer while the questions stay on the screen."""
    saved = tmp_path / "answers.yaml"
    done = call("ask", "--save", str(saved), stdin=TYPED)
    assert done.code == 0
    assert done.out == call("explain", str(saved)).out
    assert "Question 1 of" in done.err
    assert done.err.endswith(f"  explainer explain {saved}\n")
    assert read_child(str(saved), (), knowledge(), "PROFILE").profile.answers["donor"] == "other_match"


def test_the_explanation_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    """`--output` writes the page, says so, and leaves standard output empty."""
    page = tmp_path / "page.html"
    done = call("ask", "--output", str(page), stdin=TYPED)
    assert (done.code, done.out) == (0, b"")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert f"saved in {page}." in flat(done.err)


@pytest.mark.parametrize("stdin", [b"", b"1\n", b"1\nq\n", b"1\n1"])
def test_an_early_end_is_kind_and_leaves_nothing(stdin: bytes, tmp_path: Path) -> None:
    """When the input ends or the reader stops: a kind word, and no file. The exit code tells who wanted one."""
    files = ["--save", str(tmp_path / "answers.yaml"), "--output", str(tmp_path / "page.html")]
    for wanted in ([], files[:2], files):
        done = call("ask", *wanted, stdin=stdin)
        assert (done.code, done.out) == (1 if wanted else 0, b"")
        assert "That is fine. Nothing was saved." in flat(done.err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--save", "--output"])
def test_a_place_that_cannot_be_written_is_told_before_the_first_question(option: str, tmp_path: Path) -> None:
    """Nobody answers twelve questions to learn then that the page has nowhere to go."""
    assert_refused(call("ask", option, str(tmp_path / "no" / "page.yaml"), stdin=TYPED), "does not exist")


def test_an_answer_that_is_kept_is_no_news() -> None:
    """What an answer set aside is told once, and not again when the reader goes back and keeps that answer."""
    typed = ["1", "3", "2", "b", "b", "6", "b", "", "q"]  # high risk, then: treatment has ended
    done = call("ask", stdin="\n".join(typed).encode())
    assert done.err.count("set these answers aside") == 1


def test_a_closed_or_odd_input_is_no_crash() -> None:
    """Without standard input, or with bytes that are not UTF-8, it ends as it would for anybody who stops."""
    done = shell('"$0" ask <&-')
    assert (done.code, done.out) == (0, b"")
    assert "You have stopped." in done.err
    assert "Please type a number" in call("ask", stdin=b"\xff\n").err


ON_A_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Takes the terminal on standard input for its own, so that Ctrl-C reaches it, and becomes the program."""


def on_a_terminal(typed: bytes) -> tuple[int, str]:
    """Types at the program on a pseudo-terminal once it has asked its first question; its exit code and the screen."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", ON_A_TERMINAL, str(PROGRAM), "ask"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        screen = b""
        try:
            while part := os.read(ours, 10_000):
                screen += part
                if typed and b"Your answer: " in screen:
                    os.write(ours, typed)
                    typed = b""
        except OSError:  # how Linux tells that the other side of a terminal is closed
            pass
        finally:
            os.close(ours)
        return process.wait(), screen.decode().replace("\r\n", "\n")


def test_ctrl_c_on_a_terminal_stops_kindly() -> None:
    """Ctrl-C in the middle is a way to stop like any other: exit 0, no traceback."""
    code, screen = on_a_terminal(b"1\n\x03")
    assert code == 0
    assert "You have stopped." in screen
    assert "Traceback" not in screen


def test_on_a_terminal_the_end_tells_how_to_go_on() -> None:
    """A long explanation ends at its last line; the reader is told to scroll up, and how to get a page to print."""
    code, screen = on_a_terminal(b"2\n\n")
    assert code == 0
    assert screen.rstrip().endswith("explainer ask --output page.html")
