"""Tells the state of review of each section. Not reviewed is a state; a review that no longer holds is a finding."""

from __future__ import annotations

from explainer.findings import Finding, Listing, Progress, Result, Subject
from explainer.knowledge import Section
from explainer.review import stale

_STATES = ("not reviewed", "stale", "reviewed")


def reviews_check(subject: Subject, _: Progress) -> Result:
    """Who has checked which section, and whether that still holds."""
    findings: list[Finding] = []
    states: list[tuple[Section, str]] = []
    for section in subject.knowledge.sections:
        since = stale(subject.knowledge, section)
        states.append((section, "stale" if since else "reviewed" if section.reviewed else "not reviewed"))
        if since:
            remedy = f"have it reviewed again, then `explainer review {section.id} --by NAME`; or take `reviewed` out"
            findings.append(
                subject.finding(f"section {section.id}", f"the review is stale: {'; '.join(since)}", remedy)
            )
    columns = ("section", "state", "reviewed by", "on", "revision of the document")
    rows = tuple(_row(*state) for state in states)
    return Result(
        name="reviews",
        title="What doctors and nurses have checked",
        counts={"sections": len(states)} | {name: sum(state == name for _, state in states) for name in _STATES},
        findings=tuple(findings),
        tables=(Listing(title="The sections and their reviews", columns=columns, rows=rows),),
    )


def _row(section: Section, state: str) -> tuple[str, ...]:
    review = section.reviewed
    told = (review.by, str(review.on), str(review.source_revised)) if review else ("", "", "")
    return (section.id, state, *told)
