"""How messages in Indonesian are read: everyday spellings, endings, and what a clerk would hear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogs import reading as r
from dialogs.answers import Accepted, Known, Refused, YesNo
from dialogs.pieces import bare, pieces
from dialogs.reading import read
from dialogs.readings import Value
from dialogs.sentences import reads_as_question
from dialogs.state import State
from tests.speaking import reviewing, said, script, talk, two_locations, until

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
        ("tolong mulai dari awal dong", "start_over"),
        ("saya mau mulai ulang", "start_over"),
        ("kak, mau bicara dengan staf dong", "person"),
        ("bisa bicara dengan orang?", "person"),
        ("bicara dgn orang", "person"),
        ("stop dulu ya", "pause"),
        ("maksudnya apa", "why"),
        ("maksudnya gimana ya", "why"),
        ("saya kurang paham", "why"),
        ("lanjut dong kak", "resume"),
        ("batalkan yang tadi", "undo"),
        ("urungkan", "undo"),
        ("itu pertanyaan", "was_question"),
        ("jangan ingatkan saya lagi", "stop_reminding"),
        ("continue", "resume"),
        ("never mind", "leave"),
        ("talk to a person", "person"),
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
        "PT Maaf Servis",
        "Maaf Servis",
        "CV Salah Ketik",
        "CV Yang Benar",
        "UD Bukan Main",
        "Maksud Baik Servis",
        "Toko Oke",
        "Oke Servis",
        "Sip Gadget",
        "Mantap Cell",
        "Ribet Amat Servis",
        "Terima Kasih Elektronik",
        "Halo Gadget",
        "PT Mulai Baru",
        "Tolong Servis",
        "Sekarang Cell",
        "Sebentar Servis",
        "PT Ganti Baru",
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


@pytest.mark.parametrize("spoken", ["en", "id"])
@pytest.mark.parametrize(
    ("text", "value"),
    [("Hana Sato", ""), ("Maria Santos", ""), ("Itu Saja", "no"), ("hanya stu", "no")],
)
def test_a_name_like_an_option_is_another_owner(text: str, value: str, spoken: str) -> None:
    reading = read(script(), replace(until("owners.more"), language=spoken), said(text))
    if value:
        assert isinstance(reading, r.Answers)
        assert reading.accepted.value == value
    else:
        assert reading == r.Fills((Value("owners.name", 1, text),))


@pytest.mark.parametrize(
    "text", ["indonesia", "di indonesia kak", "negaranya indonesia", "kami ada di Indonesia"]
)
def test_a_country_within_polite_words(text: str) -> None:
    match read(script(), indonesian(until("locations.country")), said(text)):
        case r.Answers(accepted=accepted):
            assert accepted.value == "ID"
        case other:
            raise AssertionError(other)


# Corrections, edits of one's own words


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("maksud saya PT Acme", r.Orders("change", "legal_name", "PT Acme")),
        ("eh salah, maksudnya PT Acme", r.Orders("change", "legal_name", "PT Acme")),
        ("eh salah, yang benar PT Acme", r.Orders("change", "legal_name", "PT Acme")),
        ("Maaf, yang bener PT Acme", r.Orders("change", "legal_name", "PT Acme")),
        ("harusnya PT Acme", r.Orders("change", "legal_name", "PT Acme")),
        ("ralat: PT Acme", r.Orders("change", "legal_name", "PT Acme")),
        ("namanya salah", r.Orders("change", "namanya")),
        ("namanya salah ketik, harusnya PT Acme", r.Orders("change", "namanya", "PT Acme")),
        ("namanya harusnya PT Acme bukan CV Acme", r.Orders("change", "namanya", "PT Acme")),
        (
            "nama perusahaannya keliru, yang betul PT Acme",
            r.Orders("change", "nama perusahaannya", "PT Acme"),
        ),
    ],
)
def test_a_correction_while_the_next_name_is_asked(text: str, order: r.Orders) -> None:
    before = indonesian(talk(until("legal_name"), "CV Acme"))
    assert read(script(), before, said(text)) == order


@pytest.mark.parametrize(
    ("text", "about", "value"),
    [
        ("maaf, 0113 496 0272", "locations.1.phone", "0113 496 0272"),
        ("nomornya salah, yang benar 0113 496 0272", "nomornya", "0113 496 0272"),
        ("no hp salah ketik: 0113 496 0272", "no hp", "0113 496 0272"),
        ("alamatnya salah, harusnya 9 High St", "alamatnya", "9 High St"),
        ("salah alamatnya, harusnya 9 High St", "alamatnya", "9 High St"),
    ],
)
def test_a_correction_while_another_location_is_asked_for(
    text: str, about: str, value: str
) -> None:
    before = indonesian(talk(until("locations.phone"), "0113 496 0271"))
    assert read(script(), before, said(text)) == r.Orders("change", about, value)


@pytest.mark.parametrize(
    "text", ["sebenarnya apa itu DBA", "maaf apa itu nama dagang", "maaf mau tanya"]
)
def test_what_asks_is_no_correction(text: str) -> None:
    before = indonesian(talk(until("legal_name"), "CV Acme"))
    reading = read(script(), before, said(text, None))
    assert isinstance(reading, r.Asks), "the library is asked first"


# What answers nothing


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("halo gan", "greeting"),
        ("selamat siang kak", "greeting"),
        ("makasih infonya", "thanks"),
        ("apa kabar", "how_are_you"),
        ("bot apa orang?", "who_are_you"),
        ("ini bot ya", "who_are_you"),
        ("membantu banget", "praise"),
        ("ribet banget", "annoyed"),
        ("kok lama banget sih", None),
        ("kan udah dibilang", "annoyed"),
        ("nanya mulu goblok", "annoyed"),
        ("sampai jumpa", "bye"),
        ("pamit dulu", "bye"),
    ],
)
def test_moods(text: str, mood: str | None) -> None:
    reading = read(script(), indonesian(until("legal_name")), said(text))
    assert reading == r.Chats(mood) if mood else not isinstance(reading, r.Chats)  # type: ignore[arg-type]  # the table's own


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("oke", "nod"),
        ("Sip kak", "nod"),
        ("oh gitu", "nod"),
        ("bentar ya", "nod"),
        ("\U0001f64f", "nod"),
        ("gak tau", "unsure"),
        ("kurang tahu", "unsure"),
        ("lupa", "unsure"),
        ("gak punya", "unsure"),
    ],
)
@pytest.mark.parametrize("name", ["legal_name", "owners.name", "locations.address"])
def test_nods_and_not_knowing_are_no_answers(name: str, text: str, kind: str) -> None:
    reading = read(script(), indonesian(until(name)), said(text))
    assert reading == r.Ignores(kind, text)  # type: ignore[arg-type]  # the table's own


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("kemabli", "back"),
        ("lanjutt", "resume"),
        ("lewatii", "skip"),
        ("bantaun", "help"),
        ("sttaus", "status"),
        ("mulai ulnag", "start_over"),
    ],
)
def test_a_mistyped_command_is_a_guess(text: str, command: str) -> None:
    reading = read(script(), indonesian(until("owners.name")), said(text))
    assert reading == r.Orders(command, guessed=text)


@pytest.mark.parametrize("text", ["Lanjar", "Batam", "Kembar", "Mulia", "Simpang", "Henti"])
def test_a_name_that_is_like_a_command_stays_a_name(text: str) -> None:
    assert isinstance(read(script(), indonesian(until("legal_name")), said(text)), r.Answers)


# Pasted texts


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("Nama perusahaan: PT Acme", "legal_name", "PT Acme"),
        ("Nama PT/CV: PT Acme", "legal_name", "PT Acme"),
        ("Nama resmi - PT Acme Jaya", "legal_name", "PT Acme Jaya"),
        ("Nama toko: Acme Gadget", "dba", "Acme Gadget"),
        ("Pemilik/Direktur: Siti Rahma", "owners.name", "Siti Rahma"),
        ("Nama lengkap pemilik: Siti Rahma", "owners.name", "Siti Rahma"),
        ("Alamat lengkap: Jl. Melawai 12, Jakarta", "locations.address", "Jl. Melawai 12, Jakarta"),
        ("Negara: Indonesia", "locations.country", "Indonesia"),
        ("No. Telp/HP/WA: 021 7179 2345", "locations.phone", "021 7179 2345"),
        ("No HP (WA): 0812 3456 7890", "locations.phone", "0812 3456 7890"),
        ("Email usaha: a@acme.co.id", "email", "a@acme.co.id"),
        ("Website/Situs: acme.co.id", "website", "acme.co.id"),
        ("Pengalaman: servis ponsel sejak 2016", "experience", "servis ponsel sejak 2016"),
        ("Jenis usaha: reseller", "kind", "reseller"),
    ],
)
def test_labels_of_pasted_forms(text: str, name: str, value: str) -> None:
    found = pieces(script().form, LANGUAGE, text)
    assert [(p.name, text[p.start : p.end]) for p in found] == [(name, value)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("emailnya a@acme.co.id ya kak", {"email": "a@acme.co.id"}),
        ("toko kami di Jl. Melawai 12, Jakarta", {"locations.address": "Jl. Melawai 12, Jakarta"}),
        ("email saya a@acme.co.id", {"email": "a@acme.co.id"}),
        ("web kami acme.co.id", {"website": "acme.co.id"}),
        ("no hp saya 0812 3456 7890", {"locations.phone": "0812 3456 7890"}),
        ("telepon kami rusak", {}),
        ("pemiliknya Siti Rahma", {"owners.name": "Siti Rahma"}),
        ("hubungi kami di 021 7179 2345", {"locations.phone": "021 7179 2345"}),
        ("NPWP: 01.234.567.8-901.000", {}),
        ("Alamatnya salah", {}),
        ("apakah alamatnya harus ruko?", {}),
        ("emailnya belum ada", {}),
    ],
)
def test_what_sentences_tell(text: str, told: dict[str, str]) -> None:
    found = pieces(script().form, LANGUAGE, text)
    assert {p.name: text[p.start : p.end] for p in found if p.sure} == told


def test_a_signature_is_no_part_of_what_was_told() -> None:
    text = "Nama PT: PT Acme\nPengalaman: servis ponsel\n\nHormat kami,\nSiti Rahma\nDirektur"
    found = pieces(script().form, LANGUAGE, text)
    assert [text[p.start : p.end] for p in found] == ["PT Acme", "servis ponsel"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("namanya PT Acme kak", "PT Acme"),
        ("oke, nama perusahaannya PT Acme", "PT Acme"),
        ("baik, PT Acme, makasih", "PT Acme"),
        ("Halo! PT Acme", "PT Acme"),
        ("PT Maaf Servis", "PT Maaf Servis"),
        ("Kami Servis", "Kami Servis"),
        ("Toko Oke", "Toko Oke"),
        ("CV Terima Kasih", "CV Terima Kasih"),
    ],
)
def test_padding_around_an_answer(text: str, answer: str) -> None:
    start, end = bare(LANGUAGE, text)
    assert text[start:end] == answer
