"""docs/staff-desk.md shows what the program does now."""

from __future__ import annotations

from tests.staff_desk import PAGE, page


def test_the_page_of_the_staff_desk_is_what_the_program_makes() -> None:
    made = page()
    assert "[Whole application]" in made
    assert "[Send to applicant]" in made
    assert PAGE.read_text(encoding="utf-8") == made, "python -m tests.staff_desk --write"
