"""Whether a carrier delivered where the order was to go: only what is surely elsewhere is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy.places import Place, both, differs

SYDNEY = Place("AU", "2000", "Sydney", "NSW")
CURITIBA = Place("BR", "80010-000", "Curitiba", "PR")
LONDON = Place("GB", "SW1A 1AA", "London")
BERLIN = Place("DE", "10115", "Berlin")


@pytest.mark.parametrize(
    ("told", "wanted", "by"),
    [
        (Place("NZ"), SYDNEY, "country"),
        (Place("PR"), Place("US", "", "San Juan"), ""),  # a part of it, for its post
        (Place(town="3000 Melbourne"), SYDNEY, "postcode"),
        (Place(town="Melbourne 3000"), SYDNEY, "postcode"),
        (Place(town="MELBOURNE VIC 3000, AU"), SYDNEY, "postcode"),
        (Place("AU", "3000"), SYDNEY, "postcode"),
        (Place(town="EC1A 1BB"), LONDON, "postcode"),
        (Place(town="D-20095 Hamburg"), BERLIN, "postcode"),
        (Place(town="20040-020 Rio"), CURITIBA, "postcode"),
        (Place(town="Melbourne"), SYDNEY, "town"),
        (Place(town="Rio de Janeiro, BR"), CURITIBA, "town"),
        (Place(town="New York"), Place("US", "", "New Orleans"), "town"),
        (Place(town="São Paulo"), Place("BR", "", "São José dos Campos"), "town"),
        (Place(town="大阪"), Place("JP", "", "東京都"), "town"),
        (Place(town="Портленд"), Place("RU", "", "Москва"), "town"),
    ],
)
def test_what_is_surely_elsewhere(told: Place, wanted: Place, by: str) -> None:
    assert differs(told, wanted) == by


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (Place(), SYDNEY),
        (Place(town="Melbourne"), Place()),
        (Place(town="sydney nsw 2000"), SYDNEY),
        (Place(town="2000 Darlinghurst"), SYDNEY),  # the postcode alone decides: towns have suburbs
        (Place("AU", "２０００"), SYDNEY),
        (Place("AU", "AU-2000"), SYDNEY),
        (Place(town="80010000"), CURITIBA),
        (Place("BR", "80010"), CURITIBA),
        (Place(town="CURITIBÁ"), CURITIBA),
        (Place(town="SW1A1AA London"), LONDON),
        (Place("GB", "SW1A"), LONDON),
        (Place("US", "94107-1234"), Place("US", "94107", "San Francisco")),
        (Place(town="110 00 Praha 1"), Place("CZ", "11000", "Prague")),
        (Place(town="D-10115 Berlin"), BERLIN),
        (Place(town="Vienna"), Place("AT", "", "Wien")),
        (Place(town="Koeln"), Place("DE", "", "Köln")),
        (Place(town="Frankfurt"), Place("DE", "", "Frankfurt am Main")),
        (Place(town="Saint Gallen"), Place("CH", "", "St. Gallen")),
        (Place(town="Sidney"), SYDNEY),  # a slip of the pen
        (Place(town="Москва"), Place("RU", "", "Moscow")),  # another script says nothing
        (Place(town="Parcel locker 3000"), SYDNEY),
        (Place(town="Front Door/Porch"), SYDNEY),
        (Place(town="MEL"), SYDNEY),
        (Place(town="New South Wales, Australia"), Place("AU", "", "Sydney", "NSW")),
        (Place(town="Australia"), SYDNEY),
        (Place(town="١٠١١٥"), BERLIN),
    ],
)
def test_what_may_be_the_same_place(told: Place, wanted: Place) -> None:
    assert differs(told, wanted) == ""


def test_two_places_side_by_side() -> None:
    assert both(Place(town="3000 Melbourne"), SYDNEY) == ("3000", "2000")
    assert both(Place(town="Melbourne"), Place("AU", "", "Sydney")) == ("Melbourne", "Sydney")
    assert both(Place("NZ"), SYDNEY) == ("NZ", "AU")


@given(st.text(max_size=30), st.text("0123456789ABCZ -", max_size=10), st.text("ABXYZ", max_size=2))
def test_no_place_is_elsewhere_than_itself(town: str, postcode: str, country: str) -> None:
    place = Place(country, postcode, town)
    assert differs(place, place) == ""
    assert differs(Place(country, "", f"{postcode} {town}"), place) == ""
