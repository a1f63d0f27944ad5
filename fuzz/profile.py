"""Any file of a child is one that can be explained, saved and read again, or is refused by one clear error."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from explainer.compose import composer
from explainer.errors import InputError, ProfileError
from explainer.files import profile_yaml, read_child
from explainer.resources import folder

LONGEST = 64_001
SEEDS = (
    b'j{"leukemia_type": "all", "stage": "finished", "look_ahead": true}',
    b'j{"stage": "relapsed", "relapse_site": "csf", "prior_cranial_radiation": "done"}',
    b'j{"stage": "induction", "stage": "finished"}',
    b"j" + b"[" * 60_000,
    b'j{"a":' * 9000,
    b'j{"stage": 1' + b"0" * 10_000 + b"}",
    b'j{"stage": 1e999999, "mrd": NaN, "donor": -Infinity, "x": null}',
    b'j{"stage": "\\ud800\\u0000", "\\u202e": "\xc3\xa9"}',
    b"j" + b"\x00\xff\xfe",
    b"j\xef\xbb\xbf{}",
    b"yleukemia_type: all\nstage: finished\nlook_ahead: true\n",
    b"ystage: relapsed\nrelapse_site: csf\nmrd: detected\n",
    b"y{stage: [induction], donor: {a: b}, mrd: }",
    b"ya: &a [x]\nb: *a\n",
    b"y- stage\n",
    b"y" + b"{a: " * 40,
    b"y" + (folder("rules") / "scenarios" / "no-remission-yet.yaml").read_bytes(),
    b"yprofile: {stage: [x]}\nsteps: {}\n",
)
WORDS = tuple(
    word
    for field in composer().knowledge.profile.questions.values()
    for word in (f'"{field.name}": ', f"\n{field.name}: ", *(f'"{value}"' for value in field.values))
)
_HOME = TemporaryDirectory()
_FILES = {kind: Path(_HOME.name) / f"answers.{kind}" for kind in ("json", "yaml")}
_EXPLAINED: set[str] = set()


def attempt(data: bytes) -> None:
    """The first byte of `data` says which kind of file the rest is."""
    path = _FILES["json" if data[:1] == b"j" else "yaml"]
    path.write_bytes(data[1:])
    known = composer().knowledge
    try:
        profile = read_child(str(path), [], known, "PROFILE").profile
    except (InputError, ProfileError) as error:
        assert error.faults
        assert all(fault.message and "\n" not in fault.message for fault in error.faults)
        return
    saved = profile_yaml(profile)
    if saved not in _EXPLAINED:  # the same answers always give the same page
        _EXPLAINED.add(saved)
        assert composer().explain(profile).sections
    _FILES["yaml"].write_text(saved, "utf-8")
    assert read_child(str(_FILES["yaml"]), [], known, "PROFILE").profile == profile
