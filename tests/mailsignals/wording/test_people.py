"""Names instead of addresses."""

from mailsignals.wording.people import PersonNames

NAMES = PersonNames({"kim@northwind.test": "Kim Lee"})


def test_a_known_name_takes_the_place_of_the_address() -> None:
    """Case does not matter, because addresses arrive in any case."""
    assert NAMES.of("Kim@Northwind.test") == "Kim Lee"
    assert NAMES.with_address("kim@northwind.test") == "Kim Lee (kim@northwind.test)"


def test_people_who_share_a_name_are_told_apart() -> None:
    """In a report by CSM, two of one name have a row each."""
    names = PersonNames({"kim@a.test": "Kim Lee", "k@b.test": "Kim Lee", "ana@a.test": "Ana"})
    assert names.labels(["kim@a.test", "k@b.test", "ana@a.test", "x@a.test"]) == {
        "kim@a.test": "Kim Lee (kim@a.test)",
        "k@b.test": "Kim Lee (k@b.test)",
        "ana@a.test": "Ana",
        "x@a.test": "x@a.test",
    }


def test_an_address_without_a_name_stands_as_it_is() -> None:
    """A name is never guessed from an address."""
    assert NAMES.of("t.solberg@northwind.test") == "t.solberg@northwind.test"
    assert NAMES.with_address("t.solberg@northwind.test") == "t.solberg@northwind.test"
