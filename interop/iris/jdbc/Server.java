import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Where to connect, from iris://user:password@host:port/NAMESPACE. */
record Server(String host, int port, String namespace, String user, String password) {
    static Server of(String url) {
        URI u = URI.create(url);
        String[] login = u.getUserInfo().split(":", 2);
        return new Server(u.getHost(), u.getPort(), u.getPath().substring(1), login[0], login[1]);
    }

    Connection connect(String... options) throws SQLException {
        return login(namespace, user, password, options);
    }

    Connection login(String namespace, String user, String password, String... options) throws SQLException {
        Properties p = new Properties();
        p.put("user", user);
        p.put("password", password);
        for (int i = 0; i < options.length; i += 2) {
            p.put(options[i], options[i + 1]);
        }
        // Its 32 KB are less than one packet of the loopback interface, which then waits 40 ms for an acknowledgement.
        p.setProperty("SO_SNDBUF", "1048576");
        return DriverManager.getConnection("jdbc:IRIS://" + host + ":" + port + "/" + namespace, p);
    }
}
