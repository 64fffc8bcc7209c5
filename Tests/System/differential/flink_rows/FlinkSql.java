import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Runs a file of Flink SQL statements, one after the other, in this JVM.
 * The PyPI jars lack the SQL gateway that Flink's own client needs.
 * Arguments: SCRIPT.sql FOLDER; ${FOLDER} in the script stands for the second one.
 */
public final class FlinkSql {
    public static void main(String[] arguments) throws Exception {
        Configuration settings = new Configuration();
        settings.setString("table.local-time-zone", "UTC");
        // One reader and one watermark: Flink's order is the order of the file.
        settings.setString("parallelism.default", "1");
        // The watermark moves after every record instead of every 200 ms, so late drops do not depend on timing.
        settings.setString("pipeline.auto-watermark-interval", "0");

        TableEnvironment tables = TableEnvironment.create(
            EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(settings).build());
        String script = Files.readString(Path.of(arguments[0])).replace("${FOLDER}", arguments[1]);
        for (String statement : script.split(";")) {
            if (!statement.isBlank()) {
                tables.executeSql(statement.strip()).await();
            }
        }
    }
}
