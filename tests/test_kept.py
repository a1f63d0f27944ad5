"""What is kept of explanations: the right ones, so many and no more, whoever asks."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

from explainer import Profile, explain
from explainer.kept import MOST, MOST_FORMS, kept, kept_by, once
from explainer.render import render
from tests.children import pairs, singles
from tests.work import work

LARGEST = 128 * 1024


def page(profile: Profile) -> bytes:
    return render(explain(profile), "html").encode()


def children(count: int) -> list[Profile]:
    """So many different ones."""
    different = list(dict.fromkeys(Profile(**answers) for answers in singles() + pairs()))
    return random.Random(4).sample(different, count)


def test_what_is_kept_is_what_would_be_made() -> None:
    """The same child reads the same, at first and ever after."""
    keep = kept(page)
    some = children(30)
    for _ in range(3):
        assert [keep(child) for child in some] == [page(child) for child in some]
    assert (keep.cache_info().hits, keep.cache_info().misses) == (60, 30)


def test_equal_answers_share_and_others_do_not() -> None:
    """The profile decides: another object with the same answers has the page, one other answer has its own."""
    keep = kept(page)
    one, same, other = Profile(stage="induction"), Profile(stage="induction"), Profile(stage="induction", mrd="unknown")
    assert keep(one) is keep(same) is keep(other)
    assert keep(Profile(stage="consolidation")) != keep(one)
    assert keep.cache_info().currsize == 2


def test_no_more_is_kept_than_was_said() -> None:
    """Memory is bounded: only so many are kept, the oldest go first, and none is larger than was said."""
    keep = kept(lambda number: b"%d" % number)
    for number in range(2 * MOST):
        keep(number)
    assert keep.cache_info().currsize == keep.cache_info().maxsize == MOST
    keep(2 * MOST - 1)
    assert keep.cache_info().hits == 1
    keep(0)
    assert keep.cache_info().hits == 1
    fullest = [Profile(look_ahead=True), Profile(leukemia_type="all", look_ahead=True), *children(60)]
    assert max(len(page(child)) for child in fullest) < LARGEST


def test_threads_that_ask_at_once_get_their_own() -> None:
    """Eight threads, each asking for all children in an order of its own, never get another child's page."""
    keep = kept(page)
    some = children(40)
    expected = {child: page(child) for child in some}

    def read(seed: int) -> bool:
        order = random.Random(seed).choices(some, k=200)
        return all(keep(child) == expected[child] for child in order)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(8)))


def test_what_is_kept_is_less_than_a_twentieth_of_the_work() -> None:
    """That is what it is for; the benchmark says how much time it saves."""
    keep = kept(page)
    some = children(40)
    for child in some:
        keep(child)  # and every statement has been made once
    assert 20 * work(lambda: [*map(keep, some)]) < work(lambda: [*map(page, some)])


def test_what_has_a_key_is_made_once_for_it() -> None:
    """Things with the same key share what was made of the first of them, be it nothing; others do not."""
    asked: list[str] = []

    def make(word: str) -> str | None:
        asked.append(word)
        return None if word == "none" else word

    keep = kept_by(len, make)
    assert [keep(word) for word in ("one", "two", "none", "five", "three")] == ["one", "one", None, None, "three"]
    assert asked == ["one", "none", "three"]


def test_a_thing_of_very_many_forms_does_not_fill_the_memory() -> None:
    """Rules that look at many answers have no end of forms: past a number they are made anew, and right."""
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return -number

    keep = kept_by(abs, make)
    for _ in range(2):
        assert [keep(number) for number in range(MOST_FORMS + 2)] == [-number for number in range(MOST_FORMS + 2)]
    assert made == [*range(MOST_FORMS + 2), MOST_FORMS, MOST_FORMS + 1]


def test_what_is_made_once_is_had_without_waiting() -> None:
    """A process that was forked while a thread held the lock would wait for that thread, which it lacks, for ever."""
    get = once(object)
    found = get()
    [lock] = [cell.cell_contents for cell in get.__closure__ or () if hasattr(cell.cell_contents, "acquire")]
    with ThreadPoolExecutor(1) as other:
        other.submit(lock.acquire).result()
        got: list[object] = []
        waiting = Thread(target=lambda: got.append(get()), daemon=True)
        waiting.start()
        waiting.join(timeout=20)
        assert got == [found]
