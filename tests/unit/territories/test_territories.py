"""A round's territory is made of official communes and intercommunalités."""

from __future__ import annotations

import subprocess
import sys

import pytest

from abonde import territories
from abonde.matching.refusal import Refusal, Refusals
from abonde.territories import places

TOULOUSE, MURET, AUCH, ALBI, COLOMIERS = "31555", "31395", "32013", "81004", "31149"
TOULOUSE_METROPOLE, LYON_METROPOLE = "243100518", "200046977"


def test_a_commune_is_told_whole() -> None:
    toulouse = territories.commune(TOULOUSE)
    assert (toulouse.name, toulouse.departement.code, toulouse.departement.name) == (
        "Toulouse",
        "31",
        "Haute-Garonne",
    )
    assert toulouse.postal_codes == ("31000", "31100", "31200", "31300", "31400", "31500")
    assert toulouse.population == 514_819
    assert toulouse.intercommunality == TOULOUSE_METROPOLE


def test_an_island_may_belong_to_no_intercommunality() -> None:
    assert territories.commune("29155").name == "Ouessant"
    assert territories.commune("29155").intercommunality is None


def test_the_abbreviations_of_the_official_lists_are_spelled_out() -> None:
    names = {known.name for known in places.france().intercommunalities.values()}
    assert "Communauté de communes de la Plaine Dijonnaise" in names
    assert "Communauté d’agglomération du Grand Dole" in names
    assert "Toulouse Métropole" in names
    assert not [name for name in names if name.startswith(("CC ", "CA ", "CU ", "METRO "))]


def test_the_file_is_all_of_france_and_fits_together() -> None:
    france = places.france()
    assert (len(france.rows), len(france.intercommunalities), len(france.departements)) == (
        34_969,
        1_255,
        109,
    )
    communes = [france.commune(code) for code in france.rows]
    assert sum(commune.intercommunality is not None for commune in communes) == sum(
        len(known.communes) for known in france.intercommunalities.values()
    )
    for known in france.intercommunalities.values():
        assert known.kind in places.KINDS
        assert known.population == sum(france.commune(code).population for code in known.communes)
        assert {france.commune(code).intercommunality for code in known.communes} == {known.code}
    assert 68_000_000 < sum(commune.population for commune in communes) < 70_000_000


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("toulouse", TOULOUSE),
        ("TOULOUSE MÉTROPOLE", TOULOUSE_METROPOLE),
        ("l’hay les roses", "94038"),
        ("L'Haÿ-les-Roses", "94038"),
        ("st etienne", "42218"),
        ("Ste-Foy-lès-Lyon", "69202"),
        ("mans", "72181"),
        ("le mans", "72181"),
        ("eu", "76255"),
        ("oeuilly", "51410"),
        ("Œuilly", "51410"),
        ("31000", TOULOUSE),
        ("31555", TOULOUSE),
        ("2a004", "2A004"),
        ("243 100 518", TOULOUSE_METROPOLE),
        ("communauté de communes de la plaine dijonnaise", "200000925"),
        ("CC plaine dijonnaise", "200000925"),
    ],
)
def test_search_finds_what_people_type(typed: str, first: str) -> None:
    assert territories.search(typed)[0].code == first


def test_search_lists_names_that_begin_so_before_names_with_the_word_within_and_large_before_small() -> None:
    found = territories.search("lyon", limit=50)
    begins = [
        place for place in found if place.name.removeprefix("Communauté de communes ").startswith("Lyon")
    ]
    within = found[len(begins) :]
    assert found[: len(begins)] == begins
    assert begins[0].code == "69123"
    assert within[0].code == LYON_METROPOLE
    assert [place.population for place in within] == sorted(
        (place.population for place in within), reverse=True
    )


def test_search_shows_so_many_and_nothing_for_nothing() -> None:
    assert len(territories.search("saint")) == 20
    assert len(territories.search("saint", limit=3)) == 3
    assert territories.search(" - ") == []
    assert territories.search("zzzz") == []


def test_a_territory_mixes_communes_and_intercommunalities_and_counts_each_commune_once() -> None:
    metropole = territories.intercommunality(TOULOUSE_METROPOLE)
    mixed = territories.territory([TOULOUSE, TOULOUSE_METROPOLE, MURET, MURET])
    assert mixed.communes == {*metropole.communes, MURET}
    assert mixed.population == metropole.population + territories.commune(MURET).population
    assert mixed.contains(COLOMIERS)
    assert not mixed.contains(AUCH)
    assert mixed.codes == (TOULOUSE_METROPOLE, MURET)
    assert territories.territory(mixed.codes) == mixed


@pytest.mark.parametrize(
    ("codes", "name"),
    [
        ([TOULOUSE_METROPOLE], "Toulouse Métropole (37 communes)"),
        ([TOULOUSE], "Toulouse"),
        ([MURET, AUCH], "Muret, Auch"),
        ([TOULOUSE_METROPOLE, MURET], "Toulouse Métropole, Muret (38 communes)"),
        ([MURET, AUCH, ALBI, "2a004"], "Muret, Auch, Albi… (4 communes)"),
    ],
)
def test_a_territory_is_named_by_its_parts(codes: list[str], name: str) -> None:
    assert territories.territory(codes).name == name


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("75105", "75105 is an arrondissement or a former commune of Paris; write 75056."),
        ("31000", "No commune has the code 31000 in 2026; did you mean 31555, Toulouse?"),
        ("Toulouse", "No commune has the code Toulouse in 2026; did you mean 31555, Toulouse?"),
        ("3155", "No commune has the code 3155 in 2026; did you mean 31555, Toulouse?"),
        ("", "No commune has the code  in 2026; look the commune up by its name."),
        ("x" * 500, f"No commune has the code {'x' * 60} in 2026; look the commune up by its name."),
    ],
)
def test_an_unknown_commune_is_refused_with_the_nearest(code: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        territories.commune(code)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "243100519",
            "No intercommunalité has the number 243100519 in 2026; did you mean 243100518, Toulouse Métropole?",
        ),
        ("31555", "No intercommunalité has the number 31555 in 2026; look it up by its name."),
    ],
)
def test_an_unknown_intercommunality_is_refused_with_the_nearest(code: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        territories.intercommunality(code)
    assert str(refused.value) == sentence


def test_a_territory_tells_all_its_unknown_codes_at_once() -> None:
    with pytest.raises(Refusals) as refused:
        territories.territory([TOULOUSE, "75105", "243100519"])
    assert [refusal.values["code"] for refusal in refused.value.refusals] == ["75105", "243100519"]


def test_a_territory_is_not_empty() -> None:
    with pytest.raises(Refusal, match="choose at least one"):
        territories.territory([])


def test_importing_reads_nothing_and_needs_no_platform() -> None:
    code = (
        "import sys, abonde.territories; from abonde.territories import places;"
        "assert not places.france.cache_info().currsize;"
        "assert not {'django', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
