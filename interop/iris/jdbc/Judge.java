import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The vendor's JDBC driver as a judge. Judge DIRECTORY URL COMMAND [ARGUMENTS]: the directory has values.txt and
 * scenario.txt. It fails with what differs.
 */
public final class Judge {
    private static Path directory;

    public static void main(String[] args) throws Exception {
        directory = Path.of(args[0]);
        Server server = Server.of(args[1]);
        List<String> rest = Arrays.asList(args).subList(3, args.length);
        switch (args[2]) {
            case "login" -> login(server);
            case "refuse" -> {
                SQLException e = refused(() -> server.login(server.namespace(), rest.get(0), rest.get(1)));
                check(e.getErrorCode() == 461, e.getErrorCode(), e.getMessage()); // its words are its own, not the server's
            }
            case "full" -> full(server);
            case "tls" -> tls(server);
            case "distrust" -> distrust(server);
            case "write" -> write(server, rest.get(0), rest.subList(1, rest.size()));
            case "read" -> read(server, rest.get(0), rest.subList(1, rest.size()));
            case "scenario" -> new Scenario(server, rest.get(0)).play(directory.resolve("scenario.txt"));
            case "api" -> api(server, rest.get(0));
            default -> throw new IllegalArgumentException(args[2]);
        }
    }

    interface Call {
        void run() throws Exception;
    }

    /** The error that a call must end in. */
    static SQLException refused(Call call) throws Exception {
        try {
            call.run();
        } catch (SQLException e) {
            return e;
        }
        throw new AssertionError("must fail");
    }

    static void check(boolean right, Object... what) {
        if (!right) {
            throw new AssertionError(Arrays.deepToString(what));
        }
    }

    /** Who may connect, and what the others are told. */
    static void login(Server s) throws Exception {
        for (Call call : List.<Call>of(() -> s.login(s.namespace(), s.user(), "wrong"), () -> s.login(s.namespace(), "nobody", s.password()))) {
            SQLException e = refused(call);
            check(e.getMessage().contains("Access Denied") && e.getErrorCode() == 461, e.getErrorCode(), e.getMessage());
        }
        SQLException e = refused(() -> s.login("ABSENT", s.user(), s.password()));
        check(e.getErrorCode() == 461, e.getErrorCode(), e.getMessage()); // it shows no %msg of a login
        try (Connection c = s.connect()) {
            check(c.getAutoCommit() && c.isValid(5) && !c.isClosed());
            check(c.getTransactionIsolation() == Connection.TRANSACTION_READ_UNCOMMITTED, c.getTransactionIsolation());
            check(c.getMetaData().getDatabaseProductVersion().contains("IRIS"), c.getMetaData().getDatabaseProductVersion());
        }
    }

    /** As many are connected as the licence allows. */
    static void full(Server s) throws Exception {
        try (Connection c = s.connect()) {
            SQLException e = refused(s::connect);
            check(e.getErrorCode() == 461 && c.isValid(5), e.getMessage()); // it does not show why
        }
        s.connect().close();
    }

    /** A connection through TLS, to a server that SSLConfig.properties in the working directory lets it trust. */
    static void tls(Server s) throws Exception {
        try (Connection c = s.connect("connection security level", "10"); PreparedStatement p = c.prepareStatement("SELECT 'é', ?")) {
            p.setInt(1, 1);
            ResultSet r = p.executeQuery();
            check(r.next() && r.getString(1).equals("é") && r.getInt(2) == 1);
        }
    }

    /** The same where SSLConfig.properties does not. */
    static void distrust(Server s) throws Exception {
        refused(() -> s.connect("connection security level", "10").close());
    }

    /** The tables of these names; with "-" in front, all but those. */
    static List<Values.Table> chosen(List<String> names) throws Exception {
        Set<String> without = names.stream().filter(n -> n.startsWith("-")).map(n -> n.substring(1)).collect(Collectors.toSet());
        return Values.tables(directory.resolve("values.txt")).stream()
                .filter(t -> without.isEmpty() && !names.isEmpty() ? names.contains(t.name()) : !without.contains(t.name())).toList();
    }

    static void write(Server server, String schema, List<String> names) throws Exception {
        try (Connection c = server.connect(); Statement s = c.createStatement()) {
            for (Values.Table t : chosen(names)) {
                s.executeUpdate("CREATE TABLE " + schema + "." + t.name() + " (N INTEGER PRIMARY KEY, V " + t.sqlType() + ")");
                String value = t.kind().equals("vector") ? "TO_VECTOR(?, DOUBLE)" : "?";
                try (PreparedStatement p = c.prepareStatement("INSERT INTO " + schema + "." + t.name() + " (N, V) VALUES (?, " + value + ")")) {
                    for (int n = 1; n <= t.rows().size(); n++) {
                        p.setInt(1, n);
                        set(p, t, t.rows().get(n - 1));
                        check(p.executeUpdate() == 1, t.name(), n);
                    }
                }
            }
        }
    }

    /** Sets the value by the method that a program would use for its type. */
    static void set(PreparedStatement p, Values.Table t, Object v) throws SQLException {
        if (v == null) {
            p.setNull(2, p.getParameterMetaData().getParameterType(2));
            return;
        }
        boolean stream = t.sqlType().startsWith("LONG");
        switch (t.kind()) {
            case "integer" -> p.setLong(2, Long.parseLong((String) v));
            case "decimal" -> p.setBigDecimal(2, new BigDecimal((String) v));
            case "double" -> p.setDouble(2, Double.longBitsToDouble(Long.parseUnsignedLong((String) v, 16)));
            case "binary" -> {
                if (stream && ((byte[]) v).length > 0) {
                    p.setBinaryStream(2, new ByteArrayInputStream((byte[]) v));
                } else {
                    p.setBytes(2, (byte[]) v);
                }
            }
            case "text" -> {
                if (stream && !((String) v).isEmpty()) {
                    p.setCharacterStream(2, new StringReader((String) v));
                } else {
                    p.setString(2, (String) v);
                }
            }
            case "date" -> {
                if (((String) v).compareTo("1582-10-15") < 0) {
                    p.setString(2, (String) v); // java.sql.Date counts in the Julian calendar
                } else {
                    p.setDate(2, Date.valueOf((String) v));
                }
            }
            case "timestamp" -> {
                if (((String) v).compareTo("1582-10-15") < 0 || ((String) v).startsWith("2025-03-30 02:30")) {
                    p.setString(2, (String) v); // or has no such hour in some time zones
                } else {
                    p.setTimestamp(2, Timestamp.valueOf((String) v));
                }
            }
            case "time" -> {
                if (((String) v).contains(".")) {
                    p.setString(2, (String) v); // java.sql.Time has seconds at best
                } else {
                    p.setTime(2, Time.valueOf((String) v));
                }
            }
            default -> p.setString(2, (String) v);
        }
    }

    static void read(Server server, String schema, List<String> names) throws Exception {
        List<String> wrong = new ArrayList<>();
        try (Connection c = server.connect(); Statement s = c.createStatement()) {
            for (Values.Table t : chosen(names)) {
                try (ResultSet r = s.executeQuery("SELECT N, V FROM " + schema + "." + t.name() + " ORDER BY N")) {
                    int n = 0;
                    for (; r.next(); n++) {
                        Object got = get(r, t), want = n < t.rows().size() ? t.rows().get(n) : "nothing";
                        if (!Values.same(t.kind(), want, got) || r.getObject(2) == null != (want == null)) {
                            wrong.add(t.name() + " " + (n + 1) + ": " + Values.brief(got) + ", not " + Values.brief(want));
                        }
                    }
                    if (n != t.rows().size()) {
                        wrong.add(t.name() + ": " + n + " rows, not " + t.rows().size());
                    }
                }
            }
        }
        check(wrong.isEmpty(), String.join("\n", wrong));
    }

    static Object get(ResultSet r, Values.Table t) throws SQLException {
        switch (t.kind()) {
            case "integer" -> {
                long v = r.getLong(2);
                return r.wasNull() ? null : Long.toString(v);
            }
            case "decimal" -> {
                BigDecimal v = r.getBigDecimal(2);
                return v == null ? null : v.toPlainString();
            }
            case "double" -> {
                double v = r.getDouble(2);
                return r.wasNull() ? null : String.format("%016x", Double.doubleToRawLongBits(v));
            }
            case "binary" -> {
                byte[] v = r.getBytes(2);
                // The empty value is one NUL in IRIS. The driver writes it so, and shows it as it is.
                return v != null && Arrays.equals(v, new byte[1]) ? new byte[0] : v;
            }
            default -> {
                return r.getString(2);
            }
        }
    }

    /** What only this interface has. */
    static void api(Server server, String schema) throws Exception {
        try (Connection c = server.connect()) {
            try (Statement s = c.createStatement()) {
                s.executeUpdate("CREATE TABLE " + schema + ".Makers (Code VARCHAR(20) NOT NULL, CONSTRAINT MakerKey PRIMARY KEY (Code))");
                s.executeUpdate("CREATE TABLE " + schema + ".Things (Id INTEGER IDENTITY, Name VARCHAR(20) NOT NULL, Price NUMERIC(9,2), Maker VARCHAR(20), "
                        + "CONSTRAINT NameOnce UNIQUE (Name), CONSTRAINT MadeBy FOREIGN KEY (Maker) REFERENCES " + schema + ".Makers (Code))");
                check(s.executeUpdate("INSERT INTO " + schema + ".Things (Name) VALUES ('first')", Statement.RETURN_GENERATED_KEYS) == 1);
                check(keys(s).equals(List.of("1")), keys(s));
            }
            prepared(c, schema + ".Things");
            batches(c, schema + ".Things");
            results(c, schema + ".Things");
            namespace(c, server.namespace(), schema);
            metadata(c.getMetaData(), schema);
        }
    }

    static List<String> keys(Statement s) throws SQLException {
        List<String> found = new ArrayList<>();
        try (ResultSet r = s.getGeneratedKeys()) {
            while (r.next()) {
                found.add(r.getString(1));
            }
        }
        return found;
    }

    static void prepared(Connection c, String table) throws Exception {
        try (PreparedStatement p = c.prepareStatement("INSERT INTO " + table + " (Name, Price) VALUES (?, ?)", Statement.RETURN_GENERATED_KEYS)) {
            check(p.getParameterMetaData().getParameterCount() == 2);
            p.setString(1, "second");
            p.setBigDecimal(2, new BigDecimal("1.25"));
            check(p.executeUpdate() == 1);
            check(keys(p).equals(List.of("2")), "keys");
        }
        c.setAutoCommit(false);
        try (Statement s = c.createStatement()) {
            s.executeUpdate("DELETE FROM " + table);
            c.rollback();
            ResultSet r = s.executeQuery("SELECT COUNT(*) FROM " + table);
            check(r.next() && r.getInt(1) == 2, "rollback");
        }
        c.setAutoCommit(true);
    }

    static void batches(Connection c, String table) throws Exception {
        try (PreparedStatement p = c.prepareStatement("INSERT INTO " + table + " (Name, Price) VALUES (?, ?)")) {
            for (int i = 0; i < 2500; i++) {
                p.setString(1, "n" + i + "é");
                p.setInt(2, i);
                p.addBatch();
            }
            int[] counts = p.executeBatch();
            check(counts.length == 2500 && Arrays.stream(counts).allMatch(n -> n == 1), counts);
            for (String name : new String[] {"x", "first", "y"}) {
                p.setString(1, name);
                p.setInt(2, 1);
                p.addBatch();
            }
            SQLException e = refused(p::executeBatch);
            check(e.getErrorCode() == 119 && e.getMessage().contains("-119"), e.getErrorCode(), e.getMessage());
            counts = ((BatchUpdateException) e).getUpdateCounts();
            check(counts.length == 3 && counts[1] == Statement.EXECUTE_FAILED, counts);
        }
        try (Statement s = c.createStatement()) {
            s.addBatch("INSERT INTO " + table + " (Name) VALUES ('b1')");
            s.addBatch("UPDATE " + table + " SET Price = 7 WHERE Name IN ('b1', 'first')");
            check(Arrays.equals(s.executeBatch(), new int[] {1, 2}), "statements");
        }
    }

    static void results(Connection c, String table) throws Exception {
        try (Statement s = c.createStatement()) {
            s.setMaxRows(10);
            ResultSet r = s.executeQuery("SELECT Id, Name, Price, Price * 2 AS Twice FROM " + table + " ORDER BY Id");
            ResultSetMetaData m = r.getMetaData();
            String got = "";
            for (int i = 1; i <= 3; i++) {
                got += m.getColumnLabel(i) + " " + m.getColumnTypeName(i) + " " + m.getPrecision(i) + " " + m.getScale(i) + " " + m.isNullable(i) + " "
                        + m.isAutoIncrement(i) + ";";
            }
            check(got.equals("Id INTEGER 10 0 0 true;Name VARCHAR 20 0 0 false;Price NUMERIC 9 2 1 false;"), got);
            check(m.getColumnLabel(4).equals("Twice"), m.getColumnLabel(4));
            int n = 0;
            while (r.next()) {
                n++;
            }
            check(n == 10, n);
        }
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("SELECT Id FROM " + table + " ORDER BY Id OFFSET 1 ROWS FETCH FIRST 1 ROWS ONLY")) {
            check(r.next() && r.getInt(1) == 2 && !r.next());
        }
        try (Statement s = c.createStatement()) {
            ResultSet r = s.executeQuery("SELECT Price FROM " + table + " WHERE Name LIKE 'n%' ORDER BY Id");
            for (int i = 0; i < 2500; i++) {
                check(r.next() && r.getBigDecimal(1).intValueExact() == i, i);
            }
            check(!r.next());
        }
    }

    /** Another namespace has other tables. */
    static void namespace(Connection c, String home, String schema) throws Exception {
        try (Statement s = c.createStatement()) {
            s.executeUpdate("CREATE DATABASE NS" + schema);
            s.executeUpdate("USE DATABASE NS" + schema);
            SQLException e = refused(() -> s.executeQuery("SELECT Name FROM " + schema + ".Things"));
            check(e.getErrorCode() == 30, e.getErrorCode(), e.getMessage());
            s.executeUpdate("USE DATABASE \"" + home + "\"");
            s.executeUpdate("DROP DATABASE NS" + schema);
        }
    }

    static void metadata(DatabaseMetaData m, String schema) throws Exception {
        rows(m.getTables(null, schema, "%", new String[] {"TABLE"}), "TABLE_SCHEM,TABLE_NAME,TABLE_TYPE", schema + "|Makers|TABLE", schema + "|Things|TABLE");
        rows(m.getColumns(null, schema, "Things", "%"), "COLUMN_NAME,DATA_TYPE,TYPE_NAME,COLUMN_SIZE,DECIMAL_DIGITS,NULLABLE,ORDINAL_POSITION,IS_NULLABLE",
                "Id|4|INTEGER|10|0|0|1|NO", "Name|12|VARCHAR|20|null|0|2|NO", "Price|2|NUMERIC|9|2|1|3|YES", "Maker|12|VARCHAR|20|null|1|4|YES");
        rows(m.getPrimaryKeys(null, schema, "Makers"), "TABLE_SCHEM,TABLE_NAME,COLUMN_NAME,KEY_SEQ,PK_NAME", schema + "|Makers|Code|1|MakerKey");
        rows(m.getImportedKeys(null, schema, "Things"), "PKTABLE_NAME,PKCOLUMN_NAME,FKTABLE_NAME,FKCOLUMN_NAME,KEY_SEQ,FK_NAME", "Makers|Code|Things|Maker|1|MadeBy");
        Set<String> unique = new HashSet<>();
        ResultSet r = m.getIndexInfo(null, schema, "Things", true, false);
        while (r.next()) {
            unique.add(r.getString("INDEX_NAME") + "|" + r.getString("COLUMN_NAME"));
        }
        check(unique.stream().anyMatch(u -> u.equalsIgnoreCase("NameOnce|Name")), unique);
    }

    static void rows(ResultSet r, String columns, String... want) throws SQLException {
        List<String> got = new ArrayList<>();
        while (r.next()) {
            List<String> row = new ArrayList<>();
            for (String column : columns.split(",")) {
                row.add(r.getString(column));
            }
            got.add(String.join("|", row));
        }
        check(got.equals(List.of(want)), columns, got, List.of(want));
    }
}
