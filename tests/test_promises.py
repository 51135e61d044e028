"""Words that would promise acceptance are noticed; honest ones pass; nothing gets past by marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import promises
from knowledge.article import ArticleError
from knowledge.folder import load_articles
from knowledge.promises import guarded_languages, promise_fault

PROMISING = {
    "en": (
        "You will be accepted.",
        "You'll be approved within days.",
        "You will surely be authorised.",
        "You will get authorised.",
        "You will become an authorised provider.",
        "You will become a {brand} provider.",
        "Meeting the requirements guarantees acceptance.",
        "Acceptance is guaranteed.",
        "We guarantee you a place.",
        "We promise that you get in.",
        "Rest assured, it will work out.",
        "Don't worry, we guarantee acceptance.",
        "Don't worry we guarantee acceptance.",
        "Without doubt we guarantee you a place.",
        "Not only do we check, we also promise a place.",
        "You qualify.",
        "This means that you qualify.",
        "You are accepted.",
        "You're in.",
        "You are in once the form is complete.",
        "You are now approved.",
        "Your application has been approved.",
        "Your business is eligible.",
        "You are approved once the form is in.",
        "An applicant is accepted if all is met.",
        "A complete form is sure to pass.",
        "Complete applications are automatically approved.",
        "Approval is automatic.",
        "Approval is only a formality.",
        "Staff will approve you.",
        "We accept every business that meets the list.",
        "We always accept every college.",
        "We'll approve your application.",
        "Your application will be approved.",
        "Congratulations, your papers are complete.",
        "Welcome to the program.",
        "If you qualify, you will be accepted.",
        "Staff decide. You will not be refused: you will be accepted.",
        "It does not guarantee acceptance, but you will be accepted.",
        "You will not be charged and you will be accepted.",
    ),
    "id": (
        "Anda akan diterima.",
        "Anda pasti diterima.",
        "Anda pasti akan lolos.",
        "Penerimaan dijamin.",
        "Kami menjamin penerimaan.",
        "Kami jamin Anda masuk.",
        "Kami berjanji menerima Anda.",
        "Pendaftaran Anda disetujui.",
        "Pendaftaran Anda sudah disetujui.",
        "Anda memenuhi syarat.",
        "Usaha Anda langsung diterima.",
        "Otomatis disetujui setelah formulir lengkap.",
        "Pendaftaran diterima kalau semua syarat dipenuhi.",
        "Kami menerima setiap usaha.",
        "Kami akan menyetujui pendaftaran itu.",
        "Selamat bergabung.",
        "Tidak perlu khawatir, kami menjamin penerimaan.",
        "Memenuhi syarat tidak menjamin penerimaan, tetapi Anda akan diterima.",
    ),
}
HONEST = {
    "en": (
        "Meeting the requirements does not guarantee acceptance.",
        "It doesn't guarantee acceptance.",
        "There is no guarantee.",
        "It gives no promise or guarantee.",
        "Nobody can promise that.",
        "I cannot promise anything.",
        "This is not a promise.",
        "Nothing that is said here is a promise.",
        "You may meet them all and still not be accepted.",
        "You may not be accepted.",
        "Staff decide whether you are accepted.",
        "Staff see whether you qualify.",
        "Exam fees are waived once you have been authorised as a provider.",
        "You may be eligible to apply if you are one of these.",
        "A home is not accepted as a service location.",
        "Homes and PO boxes are not accepted.",
        "A residential address is not acceptable.",
        "Applications that do not fulfil them are not considered.",
        "You are in charge of your shop.",
        "A certified technician does repairs under guarantee.",
        "The centre has to be an authorised one.",
    ),
    "id": (
        "Memenuhi syarat tidak menjamin penerimaan.",
        "Tidak ada jaminan.",
        "Tidak ada yang bisa menjanjikan penerimaan.",
        "Saya tidak bisa menjanjikan apa pun.",
        "Ini bukan janji.",
        "Anda bisa memenuhi semua syarat dan tetap tidak diterima.",
        "Staf yang memutuskan apakah Anda diterima.",
        "Rumah tinggal tidak diterima sebagai lokasi layanan.",
        "Pendaftaran yang tidak memenuhi syarat tidak dipertimbangkan.",
        "Biaya ujian dibebaskan setelah Anda diberi wewenang sebagai penyedia layanan.",
        "Perbaikan dalam garansi dikerjakan teknisi.",
        "Pelanggan datang dengan janji temu.",
    ),
}


def rows(table: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(language, text) for language, texts in table.items() for text in texts]


@pytest.mark.parametrize(("language", "text"), rows(PROMISING))
def test_a_promise_is_noticed(language: str, text: str) -> None:
    assert "promises acceptance" in (promise_fault(f"Staff decide. {text}", language) or "")


@pytest.mark.parametrize(("language", "text"), rows(HONEST))
def test_an_honest_sentence_passes(language: str, text: str) -> None:
    assert promise_fault(text, language) is None


@pytest.mark.parametrize(
    "text",
    [
        "You will be **accepted**.",
        "You will be\naccepted.",
        "You will be\n\n- accepted",
        "[You will be](https://a.example/x) accepted.",
        "You [will be accepted](https://a.example/x).",
        "YOU WILL BE ACCEPTED",
        "You will  be\u00a0accepted",
        "You will be ac\u00adcepted",
        "You will be ac\u200bcepted",
        "\uff39\uff4f\uff55 will be accepted",
        "You\u2019ll be accepted",
    ],
)
def test_marks_and_strange_letters_hide_no_promise(text: str) -> None:
    assert promise_fault(text, "en")


@pytest.mark.parametrize("language", sorted(PROMISING))
def test_every_language_that_is_guarded_is_tried_here(language: str) -> None:
    assert guarded_languages() == PROMISING.keys() == HONEST.keys()
    assert language in guarded_languages()


def test_a_language_without_a_table_is_held_against_every_other() -> None:
    assert promise_fault("You will be accepted.", "xx")
    assert promise_fault("Anda pasti diterima.", "xx")
    assert promise_fault("N perqvg yvar vf erdhverq.", "xx") is None


def test_a_long_text_is_read_quickly() -> None:
    assert promise_fault("you will be not no " * 20_000, "en") is None


@pytest.mark.parametrize(
    "content",
    [
        "[en",
        "[en]\npromises = ['a']",
        "[en]\npromises = 'a'\nhonest = ['b']",
        "[en]\npromises = []\nhonest = ['b']",
        "[en]\npromises = ['(']\nhonest = ['b']",
        "[en]\npromises = [1]\nhonest = ['b']",
        "en = 1",
        None,
    ],
)
def test_with_a_broken_table_nothing_is_served(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "promises.toml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    monkeypatch.setattr(promises, "FILE", file)
    with pytest.raises(ArticleError, match=r"^promises\.toml: cannot be used"):
        load_articles(Path(promises.__file__).parent / "articles", {})
