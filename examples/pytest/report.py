"""What the tests are of: a report over a database, with any DB-API connection."""


def revenue(connection, country):
    """What the customers of a country have paid."""
    cursor = connection.cursor()
    cursor.execute("SELECT SUM(o.total) FROM orders o JOIN customer c ON c.id = o.customer WHERE c.country = ? AND o.state = 'paid'", [country])
    total = cursor.fetchone()[0]
    cursor.close()
    return float(total or 0)


def cancel(connection, order):
    """Cancels an order that is not paid yet, and says whether it was one."""
    cursor = connection.cursor()
    cursor.execute("UPDATE orders SET state = 'cancelled' WHERE id = ? AND state = 'open'", [order])
    done = cursor.rowcount == 1
    cursor.close()
    return done
