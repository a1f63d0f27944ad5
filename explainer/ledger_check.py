"""What the ledger of every profile says of the rules: the check named `ledger`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import product

from explainer import digest, logic, oracle, space
from explainer.errors import FaultsError, shown
from explainer.findings import Finding, Listing, Progress, Result, Subject
from explainer.ledger import NO, Key, Ledger, Table, take
from explainer.oracle import FALSE, TRUE, Oracle, Raw
from explainer.output import write
from explainer.resources import folder

MOST_PROFILES = 3_000_000
"""More than this many are not gone through: it would take hours."""

_FIRM = ("definite", "true")
_OPEN = ("conditional", "open")


def ledger_check(subject: Subject, progress: Progress, *, accept: bool = False) -> Result:
    """Goes through every profile there is. With `accept`, what they are told now is kept, if it is sound."""
    result = partial(Result, name="ledger", title="Every profile is told what it should be")
    if too_many := _too_many(subject):
        return result(findings=(too_many,))
    ledger = take(subject, progress)
    now = digest.of(ledger, subject.knowledge)
    findings = [*findings_of(ledger, subject, oracle.read(subject.folder))]
    if not accept:
        findings += _against_digest(subject, now)
    elif findings:
        findings.append(
            subject.finding("", f"{digest.FILE} stays as it was, for there are findings", "mend them first")
        )
    else:
        write(str(subject.folder / digest.FILE), now.text)
    return result(
        counts={
            "profiles": ledger.profiles,
            "different explanations": ledger.explanations,
            "outcomes compared with the oracle": ledger.profiles * len(ledger.tables),
        },
        findings=tuple(findings),
        tables=(_listing(ledger),),
    )


def _too_many(subject: Subject) -> Finding | None:
    count = space.count(subject.knowledge.profile)
    if count <= MOST_PROFILES:
        return None
    said = f"there are {count:,} profiles, and more than {MOST_PROFILES:,} cannot be gone through"
    return subject.finding("", said, "ask fewer questions, or ask them under narrower conditions (asked_when)")


def differences(subject: Subject, progress: Progress) -> Result:
    """What has changed since the digest was made, in place of findings."""
    name, title = "ledger", "What has changed for whom since the digest was made"
    before = digest.read(subject.folder)
    if before is None:
        return Result(name=name, title=title, not_run=f"there is no {digest.FILE} to compare with")
    if too_many := _too_many(subject):
        return Result(name=name, title=title, findings=(too_many,))
    after = digest.of(take(subject, progress), subject.knowledge)
    changes = digest.differences(before, after, space.profiles(subject.knowledge.profile))
    findings = [_finding(subject, change) for change in changes]
    counts = {
        "profiles before": before.profiles,
        "profiles now": after.profiles,
        "different explanations before": before.explanations,
        "different explanations now": after.explanations,
        "changes": len(changes),
    }
    return Result(name=name, title=title, counts=counts, findings=tuple(findings))


def findings_of(ledger: Ledger, subject: Subject, by_hand: Oracle) -> Iterator[Finding]:
    """Everything that falls short on some profile."""
    yield from _faults(ledger, subject)
    whens = _conditions(by_hand)
    for name, table in ledger.tables.items():
        yield from _disagreements(name, table, subject, by_hand)
        yield from _firings(name, table, ledger, subject, whens.get(name))
        if name in whens and not name.startswith(("notice ", "section ")):  # those may name what is unknown
            yield from _completions(name, table, subject, by_hand, whens[name])
        if name in subject.knowledge.statements:
            yield from _gaps(name, table, subject)
    yield from _leads(ledger, subject)
    yield from _twins(ledger, subject)
    yield from _questions(ledger, subject)
    yield from _asks(ledger, subject)
    yield from _unused(subject)


def _faults(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    said = {
        "raises": ("cannot be explained", "mend what raises: "),
        "contradicts": (
            "these statements contradict each other and are both told as certain",
            "narrow a `when`, or name a notice under `unless` in contradictions.yaml",
        ),
        "no place": (
            "no place in path.yaml is for them, and their page says that it cannot explain",
            "add a place, or widen the `when` of one",
        ),
        "no stop": ("this draws the path, which has no stop for their stage", "add a stop, or say `map: false`"),
    }
    for (kind, thing), count in ledger.faults.counts.items():
        message, remedy = said[kind]
        examples = " / ".join(map(_shown, ledger.faults.examples[kind, thing]))
        remedy += thing if kind == "raises" else ""
        known = "" if kind == "raises" else thing.partition(" and ")[0]
        named = f"{thing}: " if kind == "contradicts" else ""
        yield subject.finding(known, f"{named}{message}, in {count:,} profiles, such as {examples}", remedy)


def _disagreements(name: str, table: Table, subject: Subject, by_hand: Oracle) -> Iterator[Finding]:
    """The engine must decide every profile as the oracle does.

    The oracle looks at no field but those of the table. So its word on one profile of a row is its word on all of them.
    """
    wrong = {
        (key, outcome): count
        for (key, outcome), count in table.rows.items()
        if outcome != by_hand.outcome(name, _unknown_but(by_hand, _named(table, key)))
    }
    if wrong:
        example = _shown(_named(table, next(iter(wrong))[0]))
        said = (
            f"the engine and the plain evaluator do not agree, in {sum(wrong.values()):,} profiles, such as {example}"
        )
        yield subject.finding(name, said, "this is a fault of ours, please report it")


def _unknown_but(by_hand: Oracle, known: Mapping[str, str]) -> dict[str, str]:
    return dict.fromkeys(by_hand.fields, logic.UNKNOWN) | dict(known)


def _firings(name: str, table: Table, ledger: Ledger, subject: Subject, when: Raw | None) -> Iterator[Finding]:
    """What is never certain, and what is always so although it has a condition."""
    told, firm = table.told, table.told - sum(map(table.count, _OPEN))
    kind = name.rpartition(" ")[0]
    found = subject.knowledge.statements.get(name)
    around = ledger.tables[f"section {found[0].id}"].told if found else ledger.profiles
    if not around:
        return  # what is wrong is wrong with the section
    if not told:
        yield subject.finding(name, _DEAD.get(kind, _DEAD[""]), f"mend {_KEY.get(kind, 'its `when`')}, or delete it")
    elif not firm:
        said = "this is never certain, only possible at most"
        yield subject.finding(name, said, "mend its `when`: it wants answers that do not go together")
    if when and firm == around:
        said = "this has a condition, but is certain " + ("wherever its section is shown" if found else "for everybody")
        yield subject.finding(name, said, f"mend {_KEY.get(kind, 'its `when`')}, or leave that out")
    if found and when and not any(map(table.count, _OPEN)) and _can_be_open(table, found[1].when, subject):
        said = "this is never told as a possibility, although its answers may be unknown"
        yield subject.finding(name, said, "mend its `when`")


_DEAD = {
    "": "this is dead: no profile brings it",
    "place": "this is dead: no profile brings it, or one above it takes them all",
    "goes-on": "this never goes on: its section never lies behind when that is true",
}
_KEY = {"section": "its `shown_when`", "place": "its `when` or one above it", "goes-on": "its `goes_on_when`"}


def _can_be_open(table: Table, when: logic.When, subject: Subject) -> bool:
    looked_at = logic.fields_of(when, subject.knowledge.definition)
    places = [number for number, name in enumerate(table.fields) if name in looked_at]
    return any(key[number] == logic.UNKNOWN for key, _ in table.rows for number in places)


def _completions(name: str, table: Table, subject: Subject, by_hand: Oracle, when: Raw) -> Iterator[Finding]:
    """Definite has to mean true whatever the unknown answers turn out to be, and conditional really open."""
    told = table.outcomes()
    definite = [_named(table, key) for key, outcome in told.items() if outcome in _FIRM]
    wrong: dict[tuple[str, str], list[Key]] = {}
    for key, outcome in told.items():
        known = _named(table, key)
        values = {by_hand.value(when, completion) for completion in _completed(known, by_hand.fields)}
        if outcome in _FIRM and values != {TRUE}:
            wrong.setdefault(_TOO_FIRM, []).append(key)
        elif outcome in _OPEN and values == {TRUE}:
            wrong.setdefault(_ALWAYS_TRUE, []).append(key)
        elif outcome == "conditional" and (
            values == {FALSE} or not any(_goes_with(known, other, subject) for other in definite)
        ):
            wrong.setdefault(_NEVER_TRUE, []).append(key)
    for (said, remedy), keys in wrong.items():
        yield subject.finding(name, f"{said} ({len(keys)} cases, such as {_shown(_named(table, keys[0]))})", remedy)


_TOO_FIRM = (
    "this is told as certain, but unknown answers may still make it false",
    "this is a fault of ours, please report it",
)
_ALWAYS_TRUE = (
    "this is told as a possibility, but is true whatever the unknown answers are",
    "write its `when` more simply, so that no field stands in it twice",
)
_NEVER_TRUE = (
    "this is told as a possibility, but no answers that go with these ones make it true",
    "mend its `when`: part of it wants answers that do not go together",
)


def _named(table: Table, key: Key) -> dict[str, str]:
    return dict(zip(table.fields, key, strict=True))


def _completed(known: Mapping[str, str], fields: Mapping[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """Every way in which the unknown answers may turn out."""
    choices = {name: (word,) if word != logic.UNKNOWN else fields[name] for name, word in known.items()}
    for words in product(*choices.values()):
        yield dict(zip(choices, words, strict=True))


def _goes_with(known: Mapping[str, str], certain: Mapping[str, str], subject: Subject) -> bool:
    """Whether a certain case may come of this one: answers stay, but treatment goes on, and readers choose anew."""
    stage, questions = subject.knowledge.path.stage_field, subject.knowledge.profile.questions
    return all(
        word in (logic.UNKNOWN, certain[name])
        for name, word in known.items()
        if name != stage and not questions[name].is_flag
    )


def _gaps(name: str, table: Table, subject: Subject) -> Iterator[Finding]:
    """An answer that makes a statement certain must not have been needed to hear of it as a possibility."""
    told = table.outcomes()
    knowledge = subject.knowledge
    for number, field in enumerate(table.fields):
        question = knowledge.profile.questions[field]
        if question.is_flag or field in (knowledge.path.stage_field, knowledge.source.related_field):
            continue  # a reader's own choice, or what decides which sections there are
        for key, outcome in told.items():
            if outcome != NO or key[number] != logic.UNKNOWN:
                continue
            for word in question.values:
                if told.get(_with(key, number, word)) == "definite":
                    known = _shown(dict(zip(table.fields, key, strict=True)))
                    said = (
                        f"{field}: {word} would make this certain, but nothing is told while that is unknown: {known}"
                    )
                    yield subject.finding(name, said, "show its section while the answer is unknown (shown_when)")


def _with(key: Key, number: int, word: str) -> Key:
    return (*key[:number], word, *key[number + 1 :])


def _leads(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    for section in subject.knowledge.sections:
        table = ledger.tables[name := f"section {section.id}"]
        if section.leads_when != logic.FALSE and table.told and not table.count("leads"):
            said = "this never leads: its `leads_when` is not true for any profile to which it is shown"
            yield subject.finding(name, said, "mend its `leads_when`, or delete that")
        if section.title_now and table.told and not table.count("now"):
            said = "this never stands under what happens now, and has a `title_now`"
            yield subject.finding(name, said, "mend its `timing`, or delete its `title_now`")


def _twins(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    """Two of a kind that fire for the same profiles and, if statements, tell the same."""
    knowledge = subject.knowledge
    seen: dict[object, str] = {}
    for name, table in ledger.tables.items():
        kind = name.rpartition(" ")[0]
        rows = frozenset(
            (outcome, frozenset(_named(table, key).items())) for key, outcome in table.rows if outcome != NO
        )
        signs: list[object] = [(kind, rows)] if kind == "concept" else []
        if name in knowledge.statements:
            section, rule = knowledge.statements[name]
            signs = [(section.id, rows, frozenset(rule.facts)), (section.id, rule.say)]
        for sign in signs:
            if sign in seen:
                said = f"this is the twin of {seen[sign]}: it says or means the same for the same profiles"
                yield subject.finding(name, said, "delete one of them")
                break
            seen[sign] = name


def _questions(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    """A question whose answer changes nothing is asked in vain."""
    knowledge = subject.knowledge
    needed = {field for table in ledger.tables.values() for field in table.fields}
    needed |= {knowledge.path.stage_field}
    for question in knowledge.profile.questions.values():
        needed |= set(logic.fields_of(question.allowed_when, logic.no_concepts))
    for field in knowledge.profile.questions:
        if field not in needed:
            yield subject.finding(f"question {field}", "its answer changes nothing", "use it in a rule, or delete it")


def _asks(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    """A question for the care team that no family is given."""
    knowledge = subject.knowledge
    listed = [
        (f"question {question.field}", f"unknown.{question.field}", team.say)
        for question in knowledge.questions
        for team in question.team
    ]
    listed += [(name, name, rule.ask) for name, (_, rule) in knowledge.statements.items() if rule.ask]
    for thing, name, say in listed:
        if (name, say) not in ledger.asked:
            said = f"no family is given the question {shown(say)}"
            yield subject.finding(thing, said, "mend its `when` or one above it, or delete it")


def _unused(subject: Subject) -> Iterator[Finding]:
    """A concept that no condition names is a rule that somebody forgot, or the rest of one."""
    known = subject.knowledge
    whens = [*(c.when for c in known.concepts), *(n.when for n in known.notices), *(p.when for p in known.path.places)]
    whens += [when for section in known.sections for when in (section.shown_when, *(r.when for r in section.rules))]
    named = {concept for when in whens for concept in logic.concepts_of(when)}
    for concept in known.concepts:
        if concept.id not in named:
            yield subject.finding(f"concept {concept.id}", "no condition names this", "use it in a rule, or delete it")


def _against_digest(subject: Subject, now: digest.Digest) -> Iterator[Finding]:
    try:
        before = digest.read(subject.folder)
    except FaultsError as error:
        yield from (Finding.of(fault, "see above") for fault in error.faults)
        return
    place = f"{subject.folder.resolve().name}/{digest.FILE}"
    shipped = subject.folder.resolve() == folder("rules").resolve()
    check = "explainer check --only ledger" + ("" if shipped else f" {shlex.quote(str(subject.folder))}")
    remedy = f"look at `{check} --diff`, then keep it with `{check} --accept`"
    if before is None:
        yield Finding(
            place=place, line=0, rule="", message="there is no digest of what profiles are told", remedy=remedy
        )
    elif before.text != now.text:
        changed = [name for name in {**before.blocks, **now.blocks} if before.blocks.get(name) != now.blocks.get(name)]
        what = ", ".join(changed[:5]) or "their number, or their order"
        said = f"what profiles are told has changed since this was made ({what})"
        yield Finding(place=place, line=0, rule="", message=said, remedy=remedy)


def _finding(subject: Subject, change: digest.Change) -> Finding:
    who = "; ".join(f"{field}: {', '.join(words)}" for field, words in change.pattern.items()) or "all who are told it"
    said = f"{change.before} → {change.after} for {change.count:,} profiles ({who})"
    return subject.finding(change.thing, said, "see that this is meant")


def _conditions(by_hand: Oracle) -> dict[str, Raw]:
    """The raw condition of every concept, notice, section and statement, by its name in the ledger."""
    return {
        **{f"concept {name}": when for name, when in by_hand.concepts.items()},
        **{f"notice {name}": when for name, when in by_hand.notices.items()},
        **{f"section {name}": when for name, when in by_hand.sections.items()},
        **{name: when for rules in by_hand.statements.values() for name, when in rules.items()},
    }


def _listing(ledger: Ledger) -> Listing:
    opened = {name: sum(map(table.count, _OPEN)) for name, table in ledger.tables.items()}
    rows = [(name, table.told - opened[name], opened[name]) for name, table in ledger.tables.items()]
    return Listing(title="Who is told what", columns=("", "certain", "possible"), rows=tuple(rows))


def _shown(answers: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {word}" for name, word in answers.items())
