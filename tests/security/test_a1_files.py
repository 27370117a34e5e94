"""A1, the pages of case files: every asker in every relation, from the own file to one of another provider."""

from __future__ import annotations

import pytest

from tests.security.scene import Scene
from tests.security.walking import walked


def test_every_cell_of_a_files_pages_answers_as_stated(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    walk = walked(scene, lambda route: route.of == "file")

    with capsys.disabled():
        print(f"\nA1: {walk}")
    assert not walk.wrong, f"{len(walk.wrong)} cells are wrong:\n" + "\n".join(walk.wrong)
    assert walk.tested == walk.declared > 2000
