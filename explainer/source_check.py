"""Holds the knowledge against a copy of the document: what has changed there, and which words are not our own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from explainer import digest
from explainer.document import Document
from explainer.findings import Finding, Listing, Progress, Result, Subject
from explainer.fingerprint import Layout, lay_out
from explainer.paraphrase import drug_words, files, runs_of, shared
from explainer.resources import folder as resource_folder
from explainer.revision import KINDS, Comparison, Kind, compare

_NAME, _TITLE = "source", "The document is the one that the facts were taken from, and the words are our own"
_ANEW = "then take the fingerprints anew (CONTRIBUTING.md, “When the document is revised”)"
_REMEDIES: dict[Kind, str] = {
    "reworded": f"read it and go over these facts and rules; {_ANEW}",
    "moved": f"see whether it still means the same there; {_ANEW}",
    "missing": f"see whether the document still says these facts, and take out what it does not; {_ANEW}",
    "new": f"read it, and list what it states in facts.yaml; {_ANEW}",
}


Seen = Mapping[str, int]
"""How many profiles see a statement, by its id, as far as that has been counted."""


def source_check(subject: Subject, progress: Progress) -> Result:
    """What is the same, reworded, moved, missing and new in a copy, what hangs on it, and words that are not ours."""
    if subject.copy is None:
        return Result(name=_NAME, title=_TITLE, not_run="no copy of the document was given")
    if subject.knowledge.source.fingerprints is None:
        said = "source.yaml keeps no fingerprints to compare a copy with"
        finding = _finding(subject, "", said, "take them with `explainer fingerprint FILE`")
        return Result(name=_NAME, title=_TITLE, findings=(finding,))
    layout = lay_out(subject.copy, subject.knowledge.source)
    found = compare(layout, subject.knowledge.source)
    progress(0.2)
    if found.is_another:
        return Result(name=_NAME, title=_TITLE, counts=_counts(found), findings=(_another(subject, found),))
    seen = digest.seen(subject.folder)
    runs = list(_runs(subject, subject.copy, progress))
    return Result(
        name=_NAME,
        title=_TITLE,
        counts={**_counts(found), "runs of words that are not our own": len(runs)},
        findings=(*_findings(subject, layout, found, seen), *runs),
        tables=(_table(subject, found, seen),),
    )


def _counts(found: Comparison) -> dict[str, int]:
    return {f"sentences {kind}": found.count(kind) for kind in KINDS}


def _another(subject: Subject, found: Comparison) -> Finding:
    known = found.count("same") + found.count("moved")
    said = f"only {known} of {sum(found.count(kind) for kind in KINDS if kind != 'new')} sentences stand in this copy"
    title = f"“{subject.knowledge.source.title}”"
    return _finding(subject, "", f"{said}: it is another document, or {title} wholly rewritten", "look at what it is")


def _findings(subject: Subject, layout: Layout, found: Comparison, seen: Seen) -> Iterator[Finding]:
    source = subject.knowledge.source
    if found.breaks_off:
        left = [passage for passage in source.passages if found.count("missing", passage)]
        said = f"the copy breaks off after {found.breaks_off}"
        said = f"{said}; it lacks {found.count('missing')} sentences of {len(left)} passages, from {left[0]} on"
        yield _finding(subject, "", said, "save the whole page and check it again")
    elif layout.revised != source.revised:
        says = f"was last revised on {layout.revised}" if layout.revised else "does not say when it was last revised"
        said = f"the copy {says}; source.yaml says {source.revised}"
        yield _finding(subject, "", said, f"go over every change below, and set `revised`; {_ANEW}")
    for heading in source.headings:
        if heading.id in found.missing_headings:
            said = "the document's title is missing" if heading.stands == "under-title" else "the heading is missing"
            said = f"{said} that {heading.id} stands under"
            yield _finding(subject, "", said, f"see what has become of it and go over `headings`; {_ANEW}")
    for passage in source.passages:
        for kind in KINDS[1:]:
            if not (found.breaks_off and kind == "missing"):
                yield from _changed(subject, found, passage, kind, seen)


def _changed(subject: Subject, found: Comparison, passage: str, kind: Kind, seen: Seen) -> Iterator[Finding]:
    changes = [change for change in found.changes if (change.passage, change.kind) == (passage, kind)]
    if not changes:
        return
    all_kept = sum(found.count(other, passage) for other in KINDS if other != "new")
    if kind == "new":
        added = sum(change.in_new_paragraph for change in changes)
        where = ", in a new paragraph after it" if added == len(changes) else ""
        said = f"{len(changes)} new {_sentences(len(changes))}{where}"
    else:
        said = f"{len(changes)} of {all_kept} {_sentences(all_kept)} {kind}"
        to = sorted({change.to for change in changes if change.to})
        said += f" to {', '.join(to)}" if to else ""
    yield _finding(subject, passage, f"{said}; {_touched(subject, passage, seen)}", _REMEDIES[kind])


def _sentences(count: int) -> str:
    return "sentence" if count == 1 else "sentences"


def _touched(subject: Subject, passage: str, seen: Seen) -> str:
    """The facts of a passage, and the statements that tell them."""
    facts, statements = _facts(subject, passage), list(_statements(subject, passage))
    if not facts:
        return "no fact was taken from this passage"
    shown = [_with_profiles(statement, seen) for statement in statements]
    terms = [term.term for term in subject.knowledge.glossary if set(facts) & set(term.facts)]
    also = f" and the meanings of {', '.join(terms)}" if terms else ""
    return f"touches the facts {', '.join(facts)}, the rules {', '.join(shown)}{also}"


def _facts(subject: Subject, passage: str) -> list[str]:
    return [fact.id for fact in subject.knowledge.facts if fact.id[:-1] == passage]


def _statements(subject: Subject, passage: str) -> Iterator[str]:
    facts = set(_facts(subject, passage))
    return (name for name, (_, rule) in subject.knowledge.statements.items() if facts & set(rule.facts))


def _with_profiles(statement: str, seen: Seen) -> str:
    count = seen.get(statement)
    return statement if count is None else f"{statement} ({count:,} profiles)"


def _table(subject: Subject, found: Comparison, seen: Seen) -> Listing:
    rows = []
    for passage in subject.knowledge.source.passages:
        counts = [found.count(kind, passage) for kind in KINDS]
        facts, statements = _facts(subject, passage), list(_statements(subject, passage))
        rows.append((passage, *counts, ", ".join(facts), ", ".join(_with_profiles(name, seen) for name in statements)))
    columns = ("passage", *KINDS, "facts", "rules")
    return Listing(title="The sentences of the document, passage by passage", columns=columns, rows=tuple(rows))


def _runs(subject: Subject, copy: Document, progress: Progress) -> Iterator[Finding]:
    theirs, drugs = runs_of(copy), drug_words(subject.knowledge)
    paths = list(_texts(subject.folder, resource_folder("templates")))
    for number, (place, path) in enumerate(paths, 1):
        for run in shared(path.read_text("utf-8", errors="replace"), theirs, drugs):
            said = f"{len(run.words)} words in a row stand in the document, too: {' '.join(run.words)}"
            yield Finding(place=place, line=run.line, rule="", message=said, remedy="say it in words of our own")
        progress(0.2 + 0.8 * number / len(paths))


def _texts(*folders: Path) -> Iterable[tuple[str, Path]]:
    for folder in folders:
        for path in files(folder):
            yield f"{folder.resolve().name}/{path.relative_to(folder).as_posix()}", path


def _finding(subject: Subject, passage: str, message: str, remedy: str) -> Finding:
    place, line = subject.places.get(f"passage {passage}", subject.places["source"])
    return Finding(place=place, line=line, rule=passage, message=message, remedy=remedy)
