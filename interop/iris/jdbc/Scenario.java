import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Plays scenario.txt. */
final class Scenario {
    private final Server server;
    private final String schema;
    private Connection first;
    private final Connection second;
    private int line;

    Scenario(Server server, String schema) throws SQLException {
        this.server = server;
        this.schema = schema;
        first = server.connect();
        second = server.connect();
    }

    void play(Path file) throws Exception {
        String[] lines = Files.readString(file).replace("{s}", schema).split("\n");
        for (line = 1; line <= lines.length; line++) {
            String text = lines[line - 1];
            if (text.isEmpty() || "#=".indexOf(text.charAt(0)) >= 0) {
                continue;
            }
            List<List<String>> rows = new ArrayList<>();
            for (int i = line; i < lines.length && lines[i].startsWith("= "); i++) {
                rows.add(Arrays.stream(lines[i].substring(2).split("\\|", -1)).map(v -> v.equals("\\N") ? null : v).toList());
            }
            step(text.split("\\|", -1), rows);
        }
    }

    private void step(String[] args, List<List<String>> rows) throws SQLException {
        switch (args[0]) {
            case "run" -> execute(args[1]);
            case "count" -> check(execute(args[2]) == Integer.parseInt(args[1]), args[2]);
            case "ask" -> ask(first, args[1], rows);
            case "other" -> ask(second, args[1], rows);
            case "fail" -> fail(first, Integer.parseInt(args[1]), args[2], args[3]);
            case "others" -> fail(second, Integer.parseInt(args[1]), args[2], args[3]);
            case "autocommit" -> first.setAutoCommit(args[1].equals("on"));
            case "commit" -> first.commit();
            case "rollback" -> first.rollback();
            case "leave" -> {
                first.close();
                first = server.connect();
            }
            default -> throw new AssertionError("scenario.txt:" + line + ": " + args[0]);
        }
    }

    private void check(boolean right, Object... what) {
        if (!right) {
            throw new AssertionError("scenario.txt:" + line + ": " + Arrays.toString(what));
        }
    }

    private int execute(String sql) {
        try (Statement s = first.createStatement()) {
            return s.executeUpdate(sql);
        } catch (SQLException e) {
            throw new AssertionError("scenario.txt:" + line + ": " + sql + ": " + e.getErrorCode() + " " + e.getMessage(), e);
        }
    }

    private void ask(Connection c, String sql, List<List<String>> want) throws SQLException {
        List<List<String>> got = new ArrayList<>();
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery(sql)) {
            while (r.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= r.getMetaData().getColumnCount(); i++) {
                    row.add(r.getString(i));
                }
                got.add(row);
            }
        }
        check(got.equals(want), sql, got, want);
    }

    /** The statement must fail with the code and the text, or succeed if the code is 0. */
    private void fail(Connection c, int code, String text, String sql) {
        try (Statement s = c.createStatement()) {
            if (sql.startsWith("SELECT")) {
                s.executeQuery(sql);
            } else {
                s.executeUpdate(sql);
            }
        } catch (SQLException e) {
            check(e.getErrorCode() == code && e.getMessage().contains(text), sql, e.getErrorCode(), e.getMessage());
            return;
        }
        check(code == 0, sql, "must fail");
    }
}
