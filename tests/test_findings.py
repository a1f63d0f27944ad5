"""Where things stand in rules/, and how findings speak."""

from __future__ import annotations

from pathlib import Path

from explainer.findings import Subject
from explainer.logic import FALSE
from explainer.resources import folder


def test_everything_that_has_a_name_has_its_line() -> None:
    """A finding leads an author to the very line on which the thing begins."""
    subject = Subject.read(folder("rules"))
    known = subject.knowledge
    names = {
        *known.statements,
        *(f"goes-on {name}" for name, (_, rule) in known.statements.items() if rule.goes_on_when != FALSE),
        *(f"concept {concept.id}" for concept in known.concepts),
        *(f"notice {notice.id}" for notice in known.notices),
        *(f"question {question.field}" for question in known.questions),
        *(f"fact {fact.id}" for fact in known.facts),
        *(f"term {term.term}" for term in known.glossary),
        *(f"section {section.id}" for section in known.sections),
        *(f"topic {topic.id}" for topic in known.topics),
        *(f"place {number}" for number in range(1, 1 + len(known.path.places))),
        *(f"scenario {scenario.id}" for scenario in known.scenarios),
        *(f"passage {passage}" for passage in known.source.passages),
        "source",
    }
    assert subject.places.keys() == names
    for number, known_place in enumerate(known.path.places, 1):
        place, line = subject.places[f"place {number}"]
        entry = Path(folder("rules").parent, place).read_text("utf-8").splitlines()[line - 1 :][:4]
        assert known_place.say[:40] in " ".join(" ".join(entry).split())
    for name in names - {
        name for name in names if name.startswith(("section", "scenario", "source", "place", "goes-on"))
    }:
        place, line = subject.places[name]
        text = Path(folder("rules").parent, place).read_text("utf-8").splitlines()[line - 1]
        assert name.split(" ", 1)[-1].split(".")[-1] in text, name


def test_a_finding_is_one_line_that_leads_somewhere() -> None:
    """Place, line, rule, what falls short and what to do: all on one line."""
    finding = Subject.read(folder("rules")).finding("induction.fourth-drug", "this is never shown", "mend its `when`")
    assert str(finding).startswith(f"{finding.place}:{finding.line}: induction.fourth-drug: this is never shown; mend")
