"""Any cookie is read, or counts as none and says so; what is kept is written and read alike."""

from __future__ import annotations

from explainer import cookie
from explainer.loader import knowledge

LONGEST = 4096
SEEDS = (
    b"1.leukemia_type:all.stage:finished.look_ahead:true",
    b"1.leukemia_type:all.stage:relapsed.relapse_site:csf.-risk_group:high.!",
    b"1.-leukemia_type:all.-leukemia_type:all",
    b"1" + b".stage:induction" * 200,
    "1.stage:índuction\x00\ud7ff".encode(),
)
WORDS = tuple(
    word
    for question in knowledge().questions
    for word in (f".{question.field}:", f".-{question.field}:", *(option.value for option in question.options))
)


def attempt(data: bytes) -> None:
    """`data` as a browser sends it: header values are Latin-1."""
    for value in (data.decode("latin-1"), data.decode(errors="replace")):
        visit = cookie.read(value, knowledge())
        written = cookie.write(visit)
        assert visit.broken or cookie.read(written, knowledge()) == visit
        assert visit.interview.profile.answers.keys() == knowledge().profile.questions.keys()
