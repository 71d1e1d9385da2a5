import java.io.ByteArrayOutputStream;
import java.sql.*;
import java.time.OffsetDateTime;
import java.util.Properties;

/** Connects, browses and asks with pgjdbc. Arguments: host:port, password. */
public class Clients {
    static String rows(ResultSet rows, int most, String... columns) throws SQLException {
        StringBuilder text = new StringBuilder();
        for (int n = 0; n < most && rows.next(); n++) {
            for (String column : columns) text.append(rows.getString(column)).append(' ');
        }
        return text.toString().trim();
    }

    static int count(ResultSet rows) throws SQLException {
        int n = 0;
        while (rows.next()) n++;
        return n;
    }

    public static void main(String[] args) throws Exception {
        Properties login = new Properties();
        login.setProperty("user", "analyst");
        login.setProperty("password", args[1]);
        try (Connection c = DriverManager.getConnection("jdbc:postgresql://" + args[0] + "/headroom", login)) {
            DatabaseMetaData about = c.getMetaData();
            System.out.println("schemas " + rows(about.getSchemas(), 9, "TABLE_SCHEM"));
            System.out.println("tables " + rows(about.getTables(null, "public", "s%", null), 9, "TABLE_NAME", "TABLE_TYPE"));
            System.out.println("columns " + rows(about.getColumns(null, "public", "services", "%"), 9, "COLUMN_NAME", "TYPE_NAME", "REMARKS"));
            System.out.println("keys " + count(about.getPrimaryKeys(null, "public", "spans")) + count(about.getImportedKeys(null, "public", "spans")) + count(about.getIndexInfo(null, "public", "spans", false, false)));
            System.out.println("types " + (count(about.getTypeInfo()) > 50));
            // From the fifth run on, the driver prepares the statement and takes binary results.
            PreparedStatement question = c.prepareStatement("SELECT ts, duration_ns, attributes FROM spans WHERE span_id = ? AND duration_ns >= ? AND ts < ?");
            String answer = "";
            for (int n = 0; n < 7; n++) {
                question.setString(1, "0000000000000008");
                question.setLong(2, 5);
                question.setObject(3, OffsetDateTime.parse("2031-01-01T00:00:00Z"));
                answer = rows(question.executeQuery(), 1, "ts", "duration_ns", "attributes");
            }
            System.out.println("prepared " + answer);
            c.setAutoCommit(false);
            Statement portions = c.createStatement();
            portions.setFetchSize(70);
            System.out.println("portions " + count(portions.executeQuery("SELECT span_id FROM spans")));
            c.commit();
            c.setAutoCommit(true);
            Statement slow = c.createStatement();
            slow.setQueryTimeout(1);
            try {
                slow.executeQuery("SELECT count(*) FROM spans a, spans b, spans c, spans d");
            } catch (SQLException error) {
                System.out.println("timeout " + error.getSQLState());
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            c.unwrap(org.postgresql.PGConnection.class).getCopyAPI().copyOut("COPY (SELECT service, NULL::text AS n, 'a \"b\", c' AS t FROM spans ORDER BY span_id LIMIT 1) TO STDOUT (FORMAT csv, HEADER)", out);
            System.out.println("copy " + out);
            c.setReadOnly(true);
            System.out.println("catalog " + c.getCatalog() + " " + c.getSchema() + " " + c.isReadOnly());
        }
    }
}
