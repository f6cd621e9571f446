import pytest

import report


@pytest.mark.dat_fixture("fixtures/orders", scope="class")
class TestRevenue:
    """These tests only read: one database is enough for all of them."""

    @pytest.mark.parametrize("country, total", [("DE", 170.75), ("BR", 120.49), ("CZ", 0)])
    def test_it_counts_what_was_paid(self, dat_fixture_connection, country, total):
        assert report.revenue(dat_fixture_connection, country) == pytest.approx(total)

    def test_the_fixture_tells_what_it_holds(self, dat_fixture):
        assert {t.name: t.row_count for t in dat_fixture.manifest.tables} == {"customer": 4, "orders": 6}


@pytest.mark.dat_fixture("fixtures/orders")
class TestCancel:
    """These tests write: each has a database of its own, so that none sees what another did."""

    def test_an_open_order_is_cancelled(self, dat_fixture_connection):
        assert report.cancel(dat_fixture_connection, 3)
        assert not report.cancel(dat_fixture_connection, 3)

    def test_it_is_open_again_in_the_next_test(self, dat_fixture_connection):
        assert report.cancel(dat_fixture_connection, 3)

    def test_a_paid_order_stays(self, dat_fixture_connection):
        assert not report.cancel(dat_fixture_connection, 1)
