"""What bad input gets: one sentence that says where and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from abonde.engines.duckdb_engine import DuckDBEngine
from abonde.engines.engine import FileFormat
from abonde.engines.files.gift_file import inspect
from abonde.engines.files.reading import read_gifts
from abonde.engines.memory import MemoryEngine
from abonde.engines.radix.engine import RadixEngine
from abonde.matching import LARGEST_GIFT, PRESETS, Gift, Refusal, Refusals

PLAIN = PRESETS["plain"]
HEADER = "person,project,cents\n"


def csv_file(folder: Path, text: str | bytes) -> Path:
    path = folder / "gifts.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def parquet_file(path: Path, columns: Mapping[str, pa.Array[Any] | list[Any]]) -> Path:
    parquet.write_table(pa.table(dict(columns)), path)
    return path


def said(path: Path, **options: str) -> list[str]:
    """The sentences, without the name of the folder."""
    with pytest.raises(Refusal) as refused:
        list(read_gifts(inspect(path, **options)))
    return str(refused.value).replace(f"{path.parent}/", "").splitlines()


@pytest.mark.parametrize(
    ("cents", "sentence"),
    [
        ("-500", "gifts.csv, line 3, column cents: -500 is negative; take refunded gifts out of the file."),
        ("0", "gifts.csv, line 3, column cents: a gift of 0 cents is none; take it out of the file."),
        (
            "12.50",
            "gifts.csv, line 3, column cents: 12.50 is not a whole number of cents; for 12.50 € write 1250.",
        ),
        (
            '"12,5"',
            "gifts.csv, line 3, column cents: 12,5 is not a whole number of cents; for 12,5 € write 1250.",
        ),
        (
            "ten",
            (
                "gifts.csv, line 3, column cents: 'ten' is not a whole number of cents; "
                "write digits only, such as 1250 for 12.50 €."
            ),
        ),
        (
            "1e3",
            "gifts.csv, line 3, column cents: '1e3' is not a whole number of cents; write digits only, such as 1250 for 12.50 €.",
        ),
        (
            "٣",
            "gifts.csv, line 3, column cents: '٣' is not a whole number of cents; write digits only, such as 1250 for 12.50 €.",
        ),
        (
            " 5",
            "gifts.csv, line 3, column cents: ' 5' is not a whole number of cents; write digits only, such as 1250 for 12.50 €.",
        ),
        (
            "1" + "0" * 15,
            f"gifts.csv, line 3, column cents: 1{'0' * 15} cents is more than any gift; the largest is {LARGEST_GIFT}.",
        ),
        (
            "9" * 400,
            f"gifts.csv, line 3, column cents: {'9' * 30}… cents is more than any gift; the largest is {LARGEST_GIFT}.",
        ),
        ("", "gifts.csv, line 3, column cents: empty; write the gift in whole cents."),
    ],
)
def test_an_amount_that_cannot_be_names_its_place_and_its_remedy(
    tmp_path: Path, cents: str, sentence: str
) -> None:
    path = csv_file(tmp_path, f"{HEADER}Ana,seeds,100\nBen,seeds,{cents}\n")
    assert said(path) == [sentence]
    with pytest.raises(Refusals) as refused:
        DuckDBEngine(threads=1).tally(inspect(path), PLAIN)
    assert str(refused.value) == f"{tmp_path}/{sentence}"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (",seeds,5\n", "gifts.csv, line 2, column person: empty; every gift has a person and a project."),
        ('Ana,"",5\n', "gifts.csv, line 2, column project: empty; every gift has a person and a project."),
        (
            "Ana,seeds,5\nBen,seeds,5,6\n",
            "gifts.csv, line 3: 4 fields where the first line has 3; put text that contains the delimiter between quotes.",
        ),
        (
            "Ana,seeds,5\nBen,seeds\nAna,seeds,5\n",
            "gifts.csv, line 3: 2 fields where the first line has 3; put text that contains the delimiter between quotes.",
        ),
        (
            "Ana,seeds,5\nBen,se",
            "gifts.csv, line 3: the file ends in the middle of a line, with 2 of 3 fields; fetch it again.",
        ),
        (
            'Ana,seeds,5\n"Ben,seeds,5\nEve,seeds,5\n',
            "gifts.csv, line 3: a quote opens here and never closes; close it, or fetch the file again if it is cut.",
        ),
        (
            '"Ana"x,seeds,5\n',
            "gifts.csv, line 2: text follows a closing quote; double each quote that is part of the text.",
        ),
        (
            'Ana,seeds,5\nBen,  "seeds",5\n',
            "gifts.csv, line 3, column project: a quote opens after a space; take the space away.",
        ),
        (
            "Ana,seeds,5\rBen,seeds,5\n",
            "gifts.csv, line 2: a carriage return stands inside the line; save the file with ordinary line ends.",
        ),
    ],
)
def test_a_row_that_cannot_be_read_names_its_line(tmp_path: Path, rows: str, sentence: str) -> None:
    path = csv_file(tmp_path, HEADER + rows)
    assert said(path) == [sentence]
    for engine in (MemoryEngine(), DuckDBEngine(threads=1)):
        with pytest.raises(Refusals) as refused:
            engine.tally(inspect(path), PLAIN)
        assert str(refused.value) == f"{tmp_path}/{sentence}"


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f'{HEADER}"Ana\nMaria",seeds,5\n\n"Ben ""B"" Lee","a,b",-1\n')
    assert said(path) == [
        "gifts.csv, line 5, column cents: -1 is negative; take refunded gifts out of the file."
    ]


def test_the_first_twenty_are_told_in_one_go(tmp_path: Path) -> None:
    path = csv_file(tmp_path, HEADER + "Ana,seeds,0\n" * 30)
    assert [sentence.split(",")[1] for sentence in said(path)] == [f" line {line}" for line in range(2, 22)]


def test_a_byte_that_is_not_text_is_named_and_the_encoding_may_be_said(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"{HEADER}Ana,seeds,5\nZoé,café,7\n".encode("windows-1252"))
    assert said(path) == [
        (
            "gifts.csv, line 3: byte 0xE9 at position 3 is not UTF-8; save the file as UTF-8, "
            "or say how it is encoded (files from older spreadsheets are often windows-1252)."
        )
    ]
    declared = inspect(path, encoding="windows-1252")
    assert list(read_gifts(declared)) == [Gift("Ana", "seeds", 5), Gift("Zoé", "café", 7)]
    assert DuckDBEngine(threads=1).tally(declared, PLAIN) == MemoryEngine().tally(declared, PLAIN)
    assert said(path, encoding="latin-99") == [
        "gifts.csv: no encoding is called 'latin-99'; write utf-8 or windows-1252."
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfperson,project,cents\nAna,seeds,5\n",
        b"person,project,cents\r\nAna,seeds,5\r\n",
        b"person;project;cents\nAna;seeds;5\n",
        b"person\tproject\tcents\nAna\tseeds\t5",
        b'"person","project","cents"\n"Ana","seeds","5"\n',
        b'cents,note,PERSON,Projet\n0005,"a\nb",Ana,seeds\n',
        b"person,project,cents\r\n\nAna,seeds,5\r\n",
    ],
    ids=[
        "byte order mark",
        "CRLF",
        "semicolon",
        "tab",
        "quotes",
        "order, case and French",
        "mixed line ends",
    ],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, text: bytes) -> None:
    gifts = inspect(csv_file(tmp_path, text))
    assert list(read_gifts(gifts)) == [Gift("Ana", "seeds", 5)]
    assert DuckDBEngine(threads=1).tally(gifts, PLAIN) == MemoryEngine().tally(gifts, PLAIN)


def test_eligible_is_yes_or_no_in_either_language(tmp_path: Path) -> None:
    words = ["1", "true", "Yes", "OUI", "vrai", "0", "FALSE", "no", "non", "faux"]
    rows = "".join(f"p{k},seeds,5,{word}\n" for k, word in enumerate(words))
    gifts = inspect(csv_file(tmp_path, "person,project,cents,éligible\n" + rows))
    assert [gift.eligible for gift in read_gifts(gifts)] == [True] * 5 + [False] * 5
    assert DuckDBEngine(threads=1).tally(gifts, PLAIN)["seeds"].persons == 5
    path = csv_file(tmp_path, "person,project,cents,certified\nAna,seeds,5,maybe\n")
    assert said(path) == ["gifts.csv, line 2, column certified: 'maybe' is neither yes nor no; write 1 or 0."]


def test_columns_missing_or_repeated_are_all_named(tmp_path: Path) -> None:
    assert said(csv_file(tmp_path, "person,donor,amount\nAna,Ben,5\n")) == [
        "gifts.csv: columns person, donor are all the person; keep one, or say which one to read.",
        "gifts.csv: no column project among person, donor, amount; name one so, or say which column holds the project.",
        "gifts.csv: no column cents among person, donor, amount; name one so, or say which column holds the cents.",
    ]
    path = csv_file(tmp_path, "a,person,donor,amount\nseeds,Ana,Ben,5\n")
    assert list(read_gifts(inspect(path, person="donor", project="A", cents="amount"))) == [
        Gift("Ben", "seeds", 5)
    ]
    assert said(path, project="b", cents="amount", person="donor") == [
        "gifts.csv: no column b among a, person, donor, amount; name one so, or say which column holds the project."
    ]


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (
            b"",
            "has no first line with the names of its columns; write person,project,cents there, then one gift per line.",
        ),
        (
            b"\n\n",
            "has no first line with the names of its columns; write person,project,cents there, then one gift per line.",
        ),
        (b"PK\x03\x04....", "is a spreadsheet or a zip archive; export or unpack it as CSV first."),
        (b"\x1f\x8b....", "is compressed with gzip; export or unpack it as CSV first."),
        ("\ufeffperson".encode("utf-16-le"), "is UTF-16; save it as UTF-8 (in a spreadsheet: CSV UTF-8)."),
    ],
)
def test_other_files_are_recognised(tmp_path: Path, start: bytes, sentence: str) -> None:
    assert said(csv_file(tmp_path, start)) == [f"gifts.csv {sentence}"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert said(tmp_path / "gifts.csv") == ["There is no file gifts.csv; check its name."]
    assert said(tmp_path) == [f"The folder {tmp_path.name} holds no .parquet file; check its name."]


GOOD: dict[str, pa.Array[Any]] = {
    "person": pa.array(["Ana"]),
    "project": pa.array(["seeds"]),
    "cents": pa.array([5]),
}


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("cents", pa.array([5.0]), "column cents has type double; write whole cents as int64."),
        ("cents", pa.array(["5"]), "column cents has type string; write whole cents as int64."),
        ("eligible", pa.array(["yes"]), "column eligible has type string; write true or false as bool."),
        ("person", pa.array([1.5]), "column person has type double; write a text or a whole number."),
        ("project", pa.array([b"a"]), "column project has type binary; write a text or a whole number."),
    ],
)
def test_parquet_with_other_types(tmp_path: Path, column: str, values: pa.Array[Any], sentence: str) -> None:
    path = parquet_file(tmp_path / "gifts.parquet", {**GOOD, column: values})
    assert said(path) == [f"gifts.parquet: {sentence}"]


BAD_VALUES: list[tuple[str, pa.Array[Any], str]] = [
    ("cents", pa.array([5, -7]), "column cents: -7 is negative; take refunded gifts out of the file."),
    ("cents", pa.array([5, 0]), "column cents: a gift of 0 cents is none; take it out of the file."),
    (
        "cents",
        pa.array([5, 10**15]),
        f"column cents: {10**15} cents is more than any gift; the largest is {LARGEST_GIFT}.",
    ),
    (
        "cents",
        pa.array([5, 2**64 - 1], pa.uint64()),
        f"column cents: {2**64 - 1} cents is more than any gift; the largest is {LARGEST_GIFT}.",
    ),
    ("cents", pa.array([5, None]), "column cents: empty; write the gift in whole cents."),
    ("person", pa.array(["Ana", None]), "column person: empty; every gift has a person and a project."),
    ("person", pa.array(["Ana", ""]), "column person: empty; every gift has a person and a project."),
    ("person", pa.array([3, None]), "column person: empty; every gift has a person and a project."),
    ("project", pa.array(["seeds", ""]), "column project: empty; every gift has a person and a project."),
    ("project", pa.array([3, None]), "column project: empty; every gift has a person and a project."),
    ("eligible", pa.array([True, None]), "column eligible: '' is neither yes nor no; write 1 or 0."),
]


@pytest.mark.parametrize(("column", "values", "sentence"), BAD_VALUES)
@pytest.mark.parametrize("statistics", [True, False])
def test_parquet_rows_that_cannot_be_used_are_named_by_every_engine(
    tmp_path: Path, column: str, values: pa.Array[Any], sentence: str, *, statistics: bool
) -> None:
    good = {
        "person": pa.array(["Ana", "Ben"]),
        "project": pa.array(["seeds", "seeds"]),
        "cents": pa.array([5, 6]),
    }
    path = tmp_path / "gifts.parquet"
    parquet.write_table(pa.table({**good, column: values}), path, write_statistics=statistics)
    for engine in (MemoryEngine(), DuckDBEngine(threads=1), RadixEngine(threads=1)):
        with pytest.raises(Refusals) as refused:
            engine.tally(inspect(path), PLAIN)
        assert str(refused.value) == f"{path}, row 2, {sentence}"


def test_a_parquet_file_cut_in_the_middle(tmp_path: Path) -> None:
    path = parquet_file(tmp_path / "gifts.parquet", GOOD)
    path.write_bytes(path.read_bytes()[:-40])
    assert said(path) == [
        "gifts.parquet is not a whole Parquet file: it is cut or something else; fetch it again."
    ]


def test_a_parquet_file_with_damaged_pages(tmp_path: Path) -> None:
    persons = pa.array([f"person {k}" for k in range(5000)])
    path = tmp_path / "gifts.parquet"
    parquet_file(path, {"person": persons, "project": persons, "cents": pa.array(range(1, 5001))})
    content = bytearray(path.read_bytes())
    content[4:2000] = bytes(1996)
    path.write_bytes(content)
    for engine in (MemoryEngine(), DuckDBEngine(threads=1), RadixEngine(threads=1)):
        with pytest.raises(Refusals) as refused:
            engine.tally(inspect(path), PLAIN)
        assert (
            str(refused.value) == f"{path} cannot be read after row 0: it is cut or damaged; fetch it again."
        )


def test_the_parts_of_a_dataset_are_one_file_and_must_be_alike(tmp_path: Path) -> None:
    parquet_file(tmp_path / "1.parquet", GOOD)
    parquet_file(tmp_path / "2.parquet", GOOD)
    (tmp_path / "_temporary").mkdir()
    parquet_file(tmp_path / "_temporary/3.parquet", GOOD)
    gifts = inspect(tmp_path)
    assert gifts.format is FileFormat.PARQUET
    assert list(read_gifts(gifts)) == [Gift("Ana", "seeds", 5)] * 2
    parquet_file(tmp_path / "2.parquet", {**GOOD, "person": pa.array([7])})
    assert said(tmp_path) == [
        f"{tmp_path.name}/2.parquet: its columns have other types than those of {tmp_path.name}/1.parquet; write all parts alike."
    ]
    parquet_file(tmp_path / "2.parquet", {"person": pa.array(["Ana"]), "cents": pa.array([5])})
    assert said(tmp_path) == [
        f"{tmp_path.name}/2.parquet: column project is not there exactly once, as in the other parts."
    ]
