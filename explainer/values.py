"""What a single value in rules/ may be: text, names, days, facts, patterns and conditions.

Conditions and facts are checked against the Names of the same folder, which the loader passes as pydantic's
validation context. Each mistake is reported at its own place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from functools import reduce
from math import prod
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator, StringConstraints, ValidationError, ValidationInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from explainer import logic
from explainer.errors import nearest, shown
from explainer.profile import ProfileModel
from explainer.yamltext import not_text

MOST_ALTERNATIVES = 32
"""In how many ways a condition may come true. One with more is refused, for nobody can review it."""
MOST_PARTS = 12
"""How many answers and concepts a condition may want at once; likewise."""


class Names(NamedTuple):
    """What the files of one folder may refer to.

    None stands for a list that is broken itself. Nothing is checked against it, for one mistake there must
    not be blamed on all who refer to it.
    """

    vocabulary: logic.Vocabulary | None
    facts: tuple[str, ...] | None = ()


_KEYWORDS = ("all", "any", "not", "concept")  # of conditions
_PERSON = re.compile(r"(?=.*[^\W\d_]{2}).{3,100}")
_SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
WORD = r"[a-z][a-z0-9_]*"
FACT_ID = rf"{_SLUG}\.[1-9][0-9]{{0,2}}[a-z]"
_BREAK = re.compile(r"(?<!\s)\s*\n\s*(- )?")
_AFTER_A_LIST = re.compile(r"\n- [^\n]*\n(?![ \t]|- |\s*$)([^\n]*)")
_NO_CLAUSE = re.compile(r"[.?!:;,]$|^(?:if|because)\b|^[A-Z][a-z]+")
_NO_LIST = re.compile(r"\n[^\S\n]*([*•·‣–—−]\s|-\S)|: - ")


def _names(info: ValidationInfo) -> Names:
    names = info.context
    if not isinstance(names, Names):
        raise TypeError("knowledge is validated with context=Names(...)")
    return names


def _mistake(message: str) -> PydanticCustomError:
    return PydanticCustomError("knowledge", "{said}", {"said": message})


def _mistakes(found: Iterable[tuple[tuple[str | int, ...], str]]) -> ValidationError:
    details = [InitErrorDetails(type=_mistake(said), loc=path, input=None) for path, said in found]
    return ValidationError.from_exception_data("mistakes", details)


def _condition(*, concepts: bool, may_name_unknown: bool) -> BeforeValidator:
    def read(raw: Any, info: ValidationInfo) -> logic.When:
        known = _names(info).vocabulary
        if known is None:
            return logic.TRUE
        vocabulary = known if concepts else logic.Vocabulary(known.fields)
        try:
            when = logic.parse(raw, vocabulary, may_name_unknown=may_name_unknown)
        except logic.WhenError as error:
            raise _mistakes(error.mistakes) from None
        if when == logic.TRUE:
            raise _mistake("this is always true; leave it out, or have it depend on an answer")
        if _ways(when) > MOST_ALTERNATIVES:
            raise _mistake(f"this comes true in more than {MOST_ALTERNATIVES} ways; name parts of it in concepts.yaml")
        if _parts(when) > MOST_PARTS:
            raise _mistake(f"this wants more than {MOST_PARTS} things at once; name parts of it in concepts.yaml")
        return when

    return BeforeValidator(read)


def _ways(when: logic.When) -> int:
    """How many alternatives a condition has at most, counted without listing them: they may be millions."""
    match when:
        case logic.AllOf(parts):
            return prod(map(_ways, parts))
        case logic.AnyOf(parts):
            return sum(map(_ways, parts))
        case _:
            return 1


def _parts(when: logic.When) -> int:
    """How many answers and concepts the longest alternative of a condition joins."""
    match when:
        case logic.AllOf(parts):
            return sum(map(_parts, parts))
        case logic.AnyOf(parts):
            return max(map(_parts, parts), default=0)
        case _:
            return 1


def _free(field: str) -> str:
    if field in _KEYWORDS or hasattr(ProfileModel, field) or field.startswith("model_"):
        raise _mistake(f"{shown(field)} means something else already; name the field otherwise")
    return field


def _not_unknown(value: str) -> str:
    if value == logic.UNKNOWN:
        raise _mistake("`unknown` is an answer to every question already; leave it out")
    return value


def _fact_known(fact: str, info: ValidationInfo) -> str:
    facts = _names(info).facts
    if facts is not None and fact not in facts:
        raise _mistake(f"unknown fact {shown(fact)}; {nearest(fact, facts)}")
    return fact


def each_once(words: tuple[str, ...]) -> tuple[str, ...]:
    """Refuses words of which one stands in the list twice."""
    twice = [number for number, word in enumerate(words) if word in words[:number]]
    if twice:
        raise _mistakes(((number,), f"{shown(words[number])} stands here twice") for number in twice)
    return words


def _form(pattern: str, wanted: str) -> BeforeValidator:
    """Text that matches a pattern, which `wanted` puts in an author's words."""

    def check(text: object) -> object:
        if isinstance(text, str) and re.fullmatch(pattern, text):
            return text
        near = (re.sub("[ _-]+", joint, str(text).lower()) for joint in "-_")
        meant = next((f" (did you mean {word}?)" for word in near if re.fullmatch(pattern, word)), "")
        raise _mistake(f"{shown(text)} does not fit here; wanted: {wanted}{meant}")

    return BeforeValidator(check)


def day(text: str) -> date:
    """A day as year-month-day, in this form alone: Python reads others, too. Raises ValueError."""
    return date.fromisoformat(text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else "")


def _day(text: object) -> date:
    try:
        return day(str(text))
    except ValueError:
        raise _mistake(f"{shown(text)} is not a day; wanted: year-month-day, such as 2024-06-24") from None


def _person(name: str) -> str:
    if not _PERSON.fullmatch(name) or not name.isprintable():
        wanted = "name and profession, on one line of 3 to 100 characters"
        raise _mistake(f"{shown(name)} is not a person's name; wanted: {wanted}")
    return name


def latest_day() -> date:
    """The latest day that it is anywhere on earth now; a later one is still to come for everybody."""
    return datetime.now(timezone(timedelta(hours=14))).date()


def pattern(*names: str, all_of_them: bool = True) -> AfterValidator:
    """Text in which braces hold these names and nothing else."""
    blanks = [f"{{{name}}}" for name in names]

    def check(text: str) -> str:
        rest = reduce(lambda left, blank: left.replace(blank, ""), blanks, text)
        if "{" in rest or "}" in rest:
            raise _mistake(f"braces may only hold {' and '.join(blanks)} here, found {shown(text)}")
        for blank in blanks:
            if all_of_them and blank not in text:
                raise _mistake(f"{blank} is missing in {shown(text)}")
        return text

    return AfterValidator(check)


def _text(text: str) -> str:
    """Joins the lines of a paragraph; only a list line ("- ") begins anew. Refuses what was meant to be a list line.

    What no file may hold is refused, too: YAML lets it in by another name (an escape), and pages would carry it on.
    """
    if unfit := not_text(text):
        raise _mistake(unfit[1])
    if odd := _NO_LIST.search(text):
        wanted = "a list line begins with a hyphen and a space, below `say: |-`"
        raise _mistake(f"{shown(odd.group().strip())} runs on in one paragraph; {wanted}")
    if glued := _AFTER_A_LIST.search(f"\n{text}"):
        wanted = "a list ends the text; put this ahead of it, or into a rule of its own"
        raise _mistake(f"{shown(glued[1].strip())} would run on in the last line of the list; {wanted}")
    return _BREAK.sub(lambda found: "\n- " if found[1] else " ", text)


def _asked(text: str) -> str:
    if not text.endswith("?"):
        raise _mistake(f"a question ends with a question mark, found {shown(text)}")
    return text


def _clause(text: str) -> str:
    if odd := _NO_CLAUSE.search(text):
        wanted = "begin it small, without these words, and leave out what ends a sentence"
        raise _mistake(f"{shown(odd.group())} does not fit what is spoken after “If” or “because”; {wanted}")
    return text


def _joint(text: str) -> str:
    """What stands between two words: without its blanks, it would run into them."""
    if not_text(text) or not re.fullmatch(r"([,;]? )(\S+ )*", text):
        wanted = 'a blank or a comma first and a blank last, in quotation marks, such as " and "'
        raise _mistake(f"{shown(text)} stands between two words; wanted: {wanted}")
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_text)]
Clause = Annotated[Text, AfterValidator(_clause)]
Asked = Annotated[Text, AfterValidator(_asked)]
Joint = Annotated[str, AfterValidator(_joint)]
Slug = Annotated[str, _form(_SLUG, "small letters and digits, joined by hyphens")]
StatementId = Annotated[str, _form(rf"{_SLUG}\.{_SLUG}", "section and rule, such as induction.fourth-drug")]
Word = Annotated[str, _form(WORD, "small letters and digits, joined by underscores, the first one a letter")]
Flag = Annotated[bool, _form("true|false", "true or false")]
Number = Annotated[int, _form(r"[1-9][0-9]{0,2}", "a number from 1 to 999")]
Day = Annotated[date, BeforeValidator(_day)]
Words = Annotated[tuple[Word, ...], AfterValidator(each_once)]
Person = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_person)]
Fingerprint = Annotated[str, _form(r"[0-9a-f]{16}", "16 of the digits 0-9 and a-f, as the command wrote them")]
Amount = Annotated[float, _form(r"[0-9]{1,3}(\.[0-9])?", "a number such as 6 or 8.5")]
Spoken = Annotated[tuple[Text, ...], AfterValidator(each_once)]
OptionValue = Annotated[Word, AfterValidator(_not_unknown)]
FieldName = Annotated[Word, AfterValidator(_free)]
NewFactId = Annotated[str, _form(FACT_ID, "heading, paragraph and letter, such as care.2b")]
FactIds = Annotated[tuple[Annotated[str, AfterValidator(_fact_known)], ...], AfterValidator(each_once)]
RuleWhen = Annotated[Any, _condition(concepts=True, may_name_unknown=False)]
NoticeWhen = Annotated[Any, _condition(concepts=True, may_name_unknown=True)]
SkipWhen = Annotated[Any, _condition(concepts=False, may_name_unknown=True)]
