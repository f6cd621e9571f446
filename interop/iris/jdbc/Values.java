import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The values of values.txt, and how a value that came back is compared with one. */
final class Values {
    record Table(String name, String sqlType, String kind, List<Object> rows) {}

    static List<Table> tables(Path file) throws Exception {
        List<Table> found = new ArrayList<>();
        for (String line : Files.readString(file).split("\n", -1)) {
            if (line.startsWith("table|")) {
                String[] part = line.split("\\|");
                found.add(new Table(part[1], part[2], part[3], new ArrayList<>()));
            } else if (!line.isEmpty() && "-=x*+".indexOf(line.charAt(0)) >= 0) {
                Table t = found.get(found.size() - 1);
                t.rows().add(value(t.kind(), line.charAt(0), line.length() > 2 ? line.substring(2) : ""));
            }
        }
        return found;
    }

    /** What a line stands for: null, a String, or byte[]. */
    static Object value(String kind, char form, String rest) {
        switch (form) {
            case '-':
                return null;
            case '=':
                return kind.equals("binary") ? rest.getBytes(StandardCharsets.ISO_8859_1) : rest;
            case 'x':
                if (kind.equals("double")) {
                    return rest;
                }
                byte[] bytes = HexFormat.of().parseHex(rest);
                return kind.equals("text") ? new String(bytes, StandardCharsets.UTF_8) : bytes;
            case '+':
                return "é".repeat(Integer.parseInt(rest));
        }
        int n = Integer.parseInt(rest);
        if (kind.equals("text")) {
            return "aé€\ud83d\udcbb".repeat(n / 5) + new String[] {"", "a", "aé", "aé€", "aé€z"}[n % 5];
        }
        byte[] pattern = new byte[n];
        for (int i = 0; i < n; i++) {
            pattern[i] = (byte) i;
        }
        return pattern;
    }

    /** Whether what came back is the value; got is a String or byte[], of a double the hex of its bits. */
    static boolean same(String kind, Object want, Object got) {
        if (want == null || got == null) {
            return want == got;
        }
        switch (kind) {
            case "integer", "decimal":
                return new BigDecimal((String) want).compareTo(new BigDecimal((String) got)) == 0;
            case "date", "time", "timestamp":
                return moment((String) want).equals(moment((String) got));
            case "guid":
                return ((String) want).equalsIgnoreCase((String) got);
            case "vector":
                return Arrays.equals(numbers((String) want), numbers((String) got));
            case "binary":
                return Arrays.equals((byte[]) want, (byte[]) got);
        }
        return want.equals(got);
    }

    static String moment(String s) {
        return s.contains(".") ? s.replaceAll("0*$", "").replaceAll("\\.$", "") : s;
    }

    static double[] numbers(String s) {
        return Arrays.stream(s.replaceAll("[\\[\\]]", "").split(",")).mapToDouble(Double::parseDouble).toArray();
    }

    static String brief(Object v) {
        String s = v instanceof byte[] b ? HexFormat.of().formatHex(b) : String.valueOf(v);
        return s.length() <= 60 ? s : s.substring(0, 60) + "... (" + s.length() + " long)";
    }
}
