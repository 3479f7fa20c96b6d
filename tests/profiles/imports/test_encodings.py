"""Files without a stated encoding: a guess by the letters that form words, labelled as a guess."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.imports.blocks import read_blocks
from profiles.imports.encoding_choice import (
    encoding_options,
    read_detection,
    with_encoding,
    write_detection,
)
from profiles.imports.encodings import rank
from profiles.imports.layout import detect_layout
from profiles.imports.source import FileSource, TextScan, detect_encoding
from tests.draws import draws

WORDS = {
    "sv": (
        "cp1252",
        "Åsa Göran Märta Björn Malmö Växjö Örebro Umeå Jönköping Öström Sjöberg Håkan",
    ),
    "pl": (
        "cp1250",
        "Łucja Łódź Kraków Gdańsk Wrocław Poznań Małgorzata Żółw Święcicka Zając Jóźwiak",
    ),
    "de": (
        "cp1252",
        "Jürgen Köln München Düsseldorf Weiß Müller Jäger Lübeck Günther Großmann Bärbel",
    ),
    "fr": (
        "cp1252",
        "François Hélène Besançon Zoé Angoulême Chloé Bénédicte Orléans Jérôme Nîmes Anaïs",
    ),
    "es": (
        "cp1252",
        "José María Ibáñez Málaga Peña Cádiz Begoña Logroño Íñigo Núñez Sofía Jaén",
    ),
    "cs": (
        "cp1250",
        "Jiří Šárka Plzeň Dvořák Třebíč Žďár Růžena Novotný Kroměříž Štěpán Přerov",
    ),
    "hu": (
        "cp1250",
        "Győr Erzsébet László Szűcs Debreceni Pécs Ágnes Gergő Hódmezővásárhely Kőszeg Jenő",
    ),
    "nb": (
        "cp1252",
        "Bjørn Tromsø Åse Ålesund Kjærstad Bodø Gjøvik Jørgensen Sæther Håvard Drøbak",
    ),
    "da": (
        "cp1252",
        "Søren Åbenrå Kjær Jørgen Nørgaard Aarhus Køge Ærø Bjørk Kirstine Hjørring",
    ),
    "fi": (
        "cp1252",
        "Väinö Jyväskylä Hämäläinen Mäkinen Seinäjoki Päivi Hyvinkää Lähde Töölö Särkkä",
    ),
}


def file_of(words: Sequence[str]) -> str:
    return "Email,Name\n" + "".join(f"p{n}@x.example,{word}\n" for n, word in enumerate(words))


def read_in(words: Sequence[str], encoding: str) -> str:
    """The words as a file in this encoding gives them back in the encoding that is guessed."""
    content = file_of(words).encode(encoding)
    return content.decode(rank(content.splitlines())[0], "replace")


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("also", ["", "mac-roman", "mac-latin2", "iso8859-2"])
def test_the_letters_of_a_language_are_read_as_they_were_written(language: str, also: str) -> None:
    windows, text = WORDS[language]
    words = [word for word in text.split() if encodes(word, also or windows)]
    if any(not word.isascii() for word in words):
        assert read_in(words, also or windows) == file_of(words)


def encodes(text: str, encoding: str) -> bool:
    try:
        return bool(text.encode(encoding))
    except UnicodeEncodeError:
        return False


@given(st.sampled_from(sorted(WORDS)), st.data())
@settings(max_examples=draws(70, nightly=200), deadline=None, derandomize=True)
def test_four_names_are_enough(language: str, data: st.DataObject) -> None:
    encoding, text = WORDS[language]
    names = [word for word in text.split() if not word.isascii()]
    words = data.draw(st.lists(st.sampled_from(names), min_size=4, unique=True))
    assert read_in(words, encoding) == file_of(words)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Łódź", "cp1250"),
        ("ŁÓDŹ", "cp1250"),
        ("GÖTEBORG", "cp1252"),
        ("€ 20", "cp1252"),
        ("£20", "cp1252"),
        ("20 °C – O’Brien", "cp1252"),
        ("1\u00a0234,50", "cp1252"),
        ("Москва Иванов", "cp1251"),
        ("Αθήνα", "cp1253"),
        ("İstanbul Şişli", "cp1254"),
        ("Šiauliai Žemaitė", "cp1257"),
        ("Å", "cp1252"),
        ("Å;Ö", "cp1252"),
        ("é@g.x", "cp1252"),
        ("ü", "cp1252"),
        ("À la carte", "cp1252"),
        ("½", "cp1252"),
        ("A–B", "cp1252"),
        ("Bo’s", "cp1252"),
        ("x\u00a0y", "cp1252"),
        ("1\u00a0234,50", "mac-roman"),
        ("12\u00a0000\u00a0€", "mac-roman"),
        ("12 €", "mac-roman"),
        ("Zoë;Jérôme;Anaïs", "mac-roman"),
        ("País;Ríos;Díaz", "mac-roman"),
        ("O’Brien;d’été;L’Haÿ", "cp1252"),
        ("Šťastná", "iso8859-2"),
        ("Šťastná;Dvořák;Žďár", "iso8859-2"),
        ("Анна", "cp1251"),
        ("İzmir", "cp1254"),
    ],
)
def test_capitals_signs_and_other_alphabets(text: str, encoding: str) -> None:
    assert read_in([text], encoding) == file_of([text])


MIXED = {
    "four countries in cp1250": (
        "cp1250",
        "Łucja Wójcik;Łódź\nKäthe Groß;Köln\nJiří Dvořák;Plzeň\nÁgnes Fűtő;Érd",
    ),
    "Polish and German": (
        "cp1250",
        "Jan Nowak;Poznań\nGünther Weiß;Düsseldorf\nEwa Źrebięć;Częstochowa\nÄnne Böhm;Lübeck",
    ),
    "Estonian and Lithuanian": ("cp1257", "Tõnu Põder;Võru\nJūratė Žemaitė;Šiauliai"),
    "Polish and Romanian": (
        "iso8859-2",
        "Świętosław;Łódź\nMăriuca Pătraşcu;Piteşti\nĽubomír;Žilina",
    ),
}


@pytest.mark.parametrize("mixture", MIXED)
def test_each_word_of_a_mixed_file_may_be_of_another_country(mixture: str) -> None:
    encoding, text = MIXED[mixture]
    assert read_in(text.split("\n"), encoding) == file_of(text.split("\n"))


GERMAN = (
    "Jürgen Günther Bärbel Käthe Jörg Müller Weiß Jäger Böhm Schäfer Köhler Schröder Groß Köln"
    " München Düsseldorf Lübeck Würzburg Göttingen Fürth Tübingen"
)


@pytest.mark.parametrize(
    ("foreign", "encoding"),
    [
        *((word, "cp1250") for word in ("Łódź", "Poznań", "Źrebięć", "Jiří", "Fűtő", "Żaneta")),
        *((word, "cp1254") for word in ("Şükrü", "İzmir", "Doğan", "Yılmaz")),
    ],
)
@given(st.lists(st.sampled_from(GERMAN.split()), min_size=5, max_size=21, unique=True))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_one_foreign_row_among_many_counts(foreign: str, encoding: str, words: list[str]) -> None:
    assert read_in([*words, foreign], encoding) == file_of([*words, foreign])


def write(folder: Path, content: bytes) -> FileSource:
    path = folder / "file.csv"
    path.write_bytes(content)
    return FileSource(path)


def test_a_guess_is_called_one_and_certain_things_are_not(tmp_path: Path) -> None:
    text = file_of(["Łucja", "Łódź"])
    guessed = detect_layout(write(tmp_path, text.encode("cp1250")))
    assert (guessed.encoding, guessed.is_guess) == ("cp1250", True)
    assert "Windows-1250 (a guess)" in str(guessed)
    for content, encoding in [
        (text.encode(), "utf-8-sig"),
        (text.encode("utf-8-sig"), "utf-8-sig"),
        (text.encode("utf-16"), "utf-16"),
        (text.encode("utf-16-le"), "utf-16-le"),
        (text.encode("utf-16-be"), "utf-16-be"),
        (b"Email\na@x.example\n", "utf-8-sig"),
    ]:
        layout = detect_layout(write(tmp_path, content))
        assert (layout.encoding, layout.is_guess) == (encoding, False)
        assert layout.columns[0] == "Email"
    stated = detect_layout(write(tmp_path, text.encode("cp1250")), encoding="cp1252")
    assert (stated.encoding, stated.is_guess) == ("cp1252", False)


def test_a_byte_order_mark_decides_however_damaged_the_rest_is(tmp_path: Path) -> None:
    source = write(tmp_path, codecs.BOM_UTF8 + b"Email,Name\na@x.example,\xc5sa\n")
    assert detect_encoding(source).encoding == "utf-8-sig"


def test_a_late_letter_among_a_hundred_thousand_rows_decides(tmp_path: Path) -> None:
    plain = "".join(f"{i}@x.example,Bo\n" for i in range(100_000))
    source = write(tmp_path, f"Email,Name\n{plain}z@x.example,Łódź\n".encode("cp1250"))
    layout = detect_layout(source)
    assert [block.rows[-1] for block in read_blocks(source, layout)][-1] == ["z@x.example", "Łódź"]


def test_pieces_of_a_file_do_not_matter() -> None:
    content = file_of(WORDS["pl"][1].split()).encode("cp1250")
    for size in (1, 7, len(content)):
        scan = TextScan("file.csv")
        for start in range(0, len(content), size):
            scan.feed(content[start : start + size])
        assert scan.detection().encoding == "cp1250"


def test_samples_are_cells_and_few(tmp_path: Path) -> None:
    rows = "".join(f'"x";{"y" * 500} Å{n};z\n' for n in range(2_000))
    detection = detect_encoding(write(tmp_path, f"a;b;c\n{rows}".encode("cp1252")))
    assert len(detection.samples) == 500
    assert max(map(len, detection.samples)) <= 100
    assert not any(b";" in sample or b'"' in sample for sample in detection.samples)


def test_a_choice_shows_the_letters_and_is_kept(tmp_path: Path) -> None:
    detected = detect_encoding(write(tmp_path, file_of(["Łucja", "Łódź\0"]).encode("cp1250")))
    detection_read = read_detection({"detection": write_detection(detected)})
    assert detection_read == detected
    first, others = encoding_options(detection_read, detection_read.encoding)
    cells_by_encoding = {one.encoding: one.cells for one in (*first, *others)}
    assert first[0].encoding == "cp1250"
    assert cells_by_encoding["cp1250"] == ["Łucja", "Łódź"]
    assert cells_by_encoding["cp1252"] == ["£ucja", "£ódŸ"]
    assert cells_by_encoding["utf-8-sig"][0] == "\ufffducja"
    assert with_encoding(detection_read, "cp1252").is_guess is False
    assert with_encoding(detection_read, "cp1250").is_guess is True
    for encoding in ("", "hex", "utf-7", "rot13"):
        assert with_encoding(detection_read, encoding) == detection_read
    assert encoding_options(detection_read, "koi8-r").first[0].encoding == "koi8-r"


def test_plain_letters_leave_nothing_to_choose(tmp_path: Path) -> None:
    for content in (b"Email\na@x.example\n", codecs.BOM_UTF8 + "Email\nå\n".encode()):
        detected = detect_encoding(write(tmp_path, content))
        assert encoding_options(detected, detected.encoding) == ([], [])


@pytest.mark.parametrize("good", range(1, 10))
@pytest.mark.parametrize("word", ["Åsa", "Łódź", "Анна", "5 €", "東京"])
def test_one_damaged_letter_does_not_change_a_short_file_of_utf_8(
    tmp_path: Path, good: int, word: str
) -> None:
    content = file_of([word] * good).encode() + b"z@x.example,Ren\xe9\n"
    detected = detect_encoding(write(tmp_path, content))
    assert (detected.encoding, detected.is_guess) == ("utf-8-sig", False)


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (["ŻÓŁW", "Łódź"], "cp1250"),
        (["ŻÓŁW"], "cp1250"),
        (["MALMÖ”", "ÅSA"], "cp1252"),
        (["Вікторія"], "cp1251"),
    ],
)
def test_two_letters_that_happen_to_be_one_of_utf_8_do_not_make_a_file_so(
    tmp_path: Path, words: list[str], encoding: str
) -> None:
    assert detect_encoding(write(tmp_path, file_of(words).encode(encoding))).encoding == encoding
