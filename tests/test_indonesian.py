"""How messages in Indonesian are read: everyday spellings, endings, and what a clerk would hear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogs import reading as r
from dialogs.answers import Accepted, Known, Refused, YesNo
from dialogs.reading import read
from dialogs.sentences import reads_as_question
from dialogs.state import State
from tests.speaking import reviewing, said, script, two_locations, until

LANGUAGE = script().wording.language("id")


def indonesian(state: State) -> State:
    return replace(state, language="id")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ya", "yes"),
        ("Iya dong!", "yes"),
        ("iya, sudah ada", "yes"),
        ("udah kok", "yes"),
        ("betul sekali", "yes"),
        ("oke siap", "yes"),
        ("tentu saja", "yes"),
        ("ya, kami punya", "yes"),
        ("kami punya", "yes"),
        ("bisa kak", "yes"),
        ("gak masalah", "yes"),
        ("tidak", "no"),
        ("nggak ada", "no"),
        ("gak punya kak", "no"),
        ("belum", "no"),
        ("blm ada", "no"),
        ("belum punya sih", "no"),
        ("enggak", "no"),
        ("bukan", "no"),
        ("tidak bisa", "no"),
        ("kurang tahu", "not_sure"),
        ("gak tau deh", "not_sure"),
        ("belum yakin", "not_sure"),
        ("mungkin", "not_sure"),
        ("nanti saya cek dulu", "not_sure"),
        ("ya, tapi belum semua", "hedged"),
        ("sudah sebagian", "hedged"),
        ("iya kalau disetujui bank", "hedged"),
        ("ada, tapi masih dibangun", "hedged"),
        ("ya tahun depan", "hedged"),
        ("tergantung", "yes_no_unclear"),
        ("PT Servis Prima", "yes_no_unclear"),
    ],
)
def test_yes_no_and_everything_between(text: str, value: str) -> None:
    outcome = YesNo(not_sure=True).read(text, Known(words=LANGUAGE.words))
    assert (outcome.value if isinstance(outcome, Accepted) else outcome.code) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("toko hp", "reseller"),
        ("kami jualan laptop", "reseller"),
        ("tempat servis", "service_business"),
        ("servis hp", "service_business"),
        ("kampus", "university_or_college"),
        ("universitas negeri", "university_or_college"),
        ("univrsitas", "university_or_college"),
        ("bukan reseller", ""),
        ("koperasi", ""),
    ],
)
def test_the_kind_of_organisation(text: str, kind: str) -> None:
    state = indonesian(until("kind"))
    match read(script(), state, said(text)):
        case r.Answers(accepted=accepted):
            assert accepted.value == kind
        case r.Refuses(refused=Refused()):
            assert kind == ""
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("ganti alamatnya", r.Orders("change", "alamatnya")),
        ("ubah nomor teleponnya", r.Orders("change", "nomor teleponnya")),
        ("ganti no hp", r.Orders("change", "no hp")),
        ("Ganti nama perusahaannya dong", r.Orders("change", "nama perusahaannya")),
        ("ganti emailku", r.Orders("change", "emailku")),
        ("koreksi situs webnya", r.Orders("change", "situs webnya")),
        ("ubah telepon lokasi 2", r.Orders("change", "telepon lokasi 2")),
        ("ubah telepon lokasi kedua", r.Orders("change", "telepon lokasi kedua")),
        ("hapus lokasi ke-2", r.Orders("remove", "lokasi ke 2")),
        ("keluarkan lokasi terakhir", r.Orders("remove", "lokasi terakhir")),
        (
            "ganti emailnya jadi halo@lakesidecare.co.uk",
            r.Orders("change", "emailnya", "halo@lakesidecare.co.uk"),
        ),
        ("ubah situs web menjadi acme.com", r.Orders("change", "situs web", "acme.com")),
    ],
)
def test_what_is_to_be_changed(text: str, order: r.Orders) -> None:
    assert read(script(), indonesian(two_locations()), said(text)) == order


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("balik dong", "back"),
        ("skip aja", "skip"),
        ("nanti aja", "pause"),
        ("udah sampai mana", "status"),
        ("mulai dari awal", "start_over"),
        ("knp", "why"),
        ("mau ngomong sama orang", "person"),
        ("batalin", "cancel"),
        ("data saya", "my_data"),
        ("/status", "status"),
        ("/my_data", "my_data"),
    ],
)
def test_commands_as_people_say_them(text: str, command: str) -> None:
    assert read(script(), indonesian(until("dba")), said(text)) == r.Orders(command)


@pytest.mark.parametrize(
    "text",
    [
        "Mulai Jaya Servis",
        "PT Kembali Baru Elektronik",
        "Ganti Baterai Kilat",
        "CV Siapa Takut",
        "Daftar Mobile Care",
        "Bisa Jaya Elektronik",
        "Toko Lanjut Terus",
        "Ubah Gadget",
        "Kirim Servis",
        "Bantu Servis",
        "Ada Service",
    ],
)
@pytest.mark.parametrize("name", ["legal_name", "dba"])
def test_odd_names_stay_names(name: str, text: str) -> None:
    assert isinstance(read(script(), indonesian(until(name)), said(text)), r.Answers)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("apakah harus diaudit", "maybe"),
        ("gimana kalau belum ada", "maybe"),
        ("boleh pakai hp gak?", "surely"),
        ("saya mau tanya dong", "maybe"),
        ("Apartemen Melati", ""),
        ("Jl. Kapan Lagi 3", ""),
        ("Kami servis ponsel", ""),
    ],
)
def test_what_reads_as_a_question(text: str, asked: str) -> None:
    assert reads_as_question(LANGUAGE, text) == asked


@pytest.mark.parametrize("text", ["gak ada", "tidak ada", "nggak punya", "belum ada", "tidak"])
def test_nothing_to_tell_skips_what_may_be_skipped(text: str) -> None:
    assert read(script(), indonesian(until("dba")), said(text)) == r.Orders("skip")


@pytest.mark.parametrize(
    ("text", "command"), [("ya", "submit"), ("sudah benar", "submit"), ("belum", "change")]
)
def test_the_summary_takes_a_yes_and_a_no(text: str, command: str) -> None:
    assert read(script(), indonesian(reviewing()), said(text)) == r.Orders(command)


@pytest.mark.parametrize("name", ["owners.more", "locations.more"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ada lagi", "yes"),
        ("masih ada satu lagi", "yes"),
        ("iya", "yes"),
        ("itu saja", "no"),
        ("udah itu aja", "no"),
        ("cukup", "no"),
        ("nggak ada lagi", "no"),
        ("gak", "no"),
    ],
)
def test_another_one_or_not(name: str, text: str, value: str) -> None:
    match read(script(), indonesian(until(name)), said(text)):
        case r.Answers(accepted=accepted):
            assert accepted.value == value
        case other:
            raise AssertionError(other)


@pytest.mark.parametrize(
    "text", ["indonesia", "di indonesia kak", "negaranya indonesia", "kami ada di Indonesia"]
)
def test_a_country_within_polite_words(text: str) -> None:
    match read(script(), indonesian(until("locations.country")), said(text)):
        case r.Answers(accepted=accepted):
            assert accepted.value == "ID"
        case other:
            raise AssertionError(other)
