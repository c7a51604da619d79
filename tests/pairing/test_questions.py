"""The question to begin with: out of the closest common ground, the same for everybody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from critique.pairing.week.questions import Ground, Looked, OpenThread, suggested_question

NAMES = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=12)
GROUNDS = st.builds(
    Ground,
    threads=st.lists(st.builds(OpenThread, NAMES, NAMES, NAMES), max_size=2),
    about=st.one_of(st.just(""), NAMES),
    looked=st.lists(st.builds(Looked, NAMES, NAMES, NAMES), max_size=2),
    projects=st.lists(NAMES, max_size=3),
    skills=st.lists(NAMES, max_size=3),
    levels=st.lists(st.sampled_from(["junior", "mid", "senior"]), max_size=3),
)


@given(GROUNDS, NAMES)
def test_the_closest_ground_is_asked_about_and_always_alike(ground, meeting):
    asked = suggested_question(ground, meeting)
    assert asked == suggested_question(ground, meeting)
    kinds = {
        "thread": ground.threads, "about": ground.about, "reviewed": ground.looked,
        "project": ground.projects, "skill": ground.skills, "level": [1],
    }  # fmt: skip
    assert asked.kind == next(kind for kind, found in kinds.items() if found)
    assert asked.words[-1] == "?"
    assert "{" not in asked.words
    if asked.kind == "thread":
        assert all(part in asked.words for part in vars(ground.threads[0]).values())
    if asked.kind == "project":
        assert any(project in asked.words for project in ground.projects)


def test_without_common_ground_the_levels_choose():
    def asked(*levels: str) -> set[str]:
        return {suggested_question(Ground(levels=levels), f"uid-{n}").words for n in range(40)}

    mixed, juniors, seniors = asked("junior", "senior"), asked("junior"), asked("senior", "senior")
    assert len(mixed) == 3
    assert not mixed & juniors
    assert not juniors & seniors
    assert not seniors & asked("mid", "senior")


def test_a_table_of_three_is_not_told_that_both_know_it():
    three = Ground(skills=["type"], levels=["mid", "mid", "senior"])
    assert not any("both" in suggested_question(three, f"u{n}").words for n in range(40))
