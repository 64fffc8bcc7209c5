import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/** The seed job as Flink SQL in this JVM, rows as JSON lines. Arguments: PARALLELISM FILE. */
public final class FlinkJob {
    private static final String TABLE = """
        CREATE TABLE readings (
          sensor_id STRING, temperature DOUBLE, event_time TIMESTAMP_LTZ(3),
          WATERMARK FOR event_time AS event_time
        ) WITH ('connector' = 'filesystem', 'path' = 'file://%s', 'format' = 'json',
          'json.timestamp-format.standard' = 'ISO-8601')
        """;
    private static final String QUERY = """
        SELECT sensor_id, window_start, COUNT(*), AVG(temperature), MIN(temperature), MAX(temperature)
        FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(event_time), INTERVAL '1' HOUR))
        GROUP BY sensor_id, window_start, window_end
        """;

    public static void main(String[] arguments) throws Exception {
        Configuration settings = new Configuration();
        settings.setString("parallelism.default", arguments[0]);
        TableEnvironment tables = TableEnvironment.create(
            EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(settings).build());
        tables.executeSql(TABLE.formatted(arguments[1]));
        StringBuilder rows = new StringBuilder();
        try (CloseableIterator<Row> result = tables.executeSql(QUERY).collect()) {
            while (result.hasNext()) {
                Row row = result.next();
                rows.append("{\"sensor_id\":\"%s\",\"hour\":\"%s\",\"count\":%s,\"avg\":%s,\"min\":%s,\"max\":%s}\n"
                    .formatted(row.getField(0), row.getField(1), row.getField(2), row.getField(3), row.getField(4),
                        row.getField(5)));
            }
        }
        System.out.print(rows);
    }
}
