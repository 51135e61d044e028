"""Questions that people ask and the articles do not answer: where the search learns to stop.

`not_covered/<language>.md` is Markdown for people: headings are topics, each `- ` line is one
question, and any other line is a remark.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from knowledge.article import ArticleError, markdown_files


def load_not_covered(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Language -> its questions, in file order; empty where the folder is missing.

    Raises ArticleError, naming the file and the mend, for one that cannot be read.
    """
    questions: dict[str, tuple[str, ...]] = {}
    for file in markdown_files(folder):
        name = f"{folder.name}/{file.name}"
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise ArticleError(f"{name}: save the file as UTF-8") from None
        except OSError as error:
            raise ArticleError(f"{name}: cannot be read ({error.strerror})") from None
        found = tuple(line[2:].strip() for line in lines if line.startswith("- "))
        if not all(found):
            raise ArticleError(f"{name}: a line '- ' holds no question; write one or remove it")
        questions[file.stem] = found
    return questions
