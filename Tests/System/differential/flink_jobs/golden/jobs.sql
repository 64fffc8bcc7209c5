==== tumbling: -t ts --time-format ms -W 2s -w 10s -g k --count --sum x --avg x --min x --max x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from sum_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `sum_x` DOUBLE,
  `avg_x` DOUBLE,
  `min_x` DOUBLE,
  `max_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (sum_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`x`) AS `sum_x`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`,
  MIN(`x`) AS `min_x`,
  MAX(`x`) AS `max_x`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '10' SECOND))
GROUP BY window_start, window_end, `k`;
==== tumbling_none: -t ts --time-format ms -w 1m -g host --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- --watermark none: windows close at the end of the input.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '1000' YEAR(4)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== tumbling_nogroup: -t ts --time-format ms -W 1s -w 30s --count --avg x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- DOUBLE is a guess from avg_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '1.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `avg_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '30' SECOND))
GROUP BY window_start, window_end;
==== tumbling_align: -t ts --time-format ms -W 5s -w 1m --align 7s -g k --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE, INTERVAL '7' SECOND))
GROUP BY window_start, window_end, `k`;
==== tumbling_below: -t ts --time-format ms -W 500ms -w 1500ms -g host --count --types x=DOUBLE --max x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '0.501' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `max_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  MAX(`x`) AS `max_x`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1.500' SECOND(2, 3)))
GROUP BY window_start, window_end, `host`;
==== tumbling_text: -t at -W 3s -w 20s -g k,host --count --max n --types n=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types at=TYPE
  `at` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  `n` BIGINT,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`at` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '3.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `k` STRING,
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `max_n` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  MAX(`n`) AS `max_n`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `k`, `host`;
==== tumbling_seconds: -t sec --time-format s -W 3s -w 20s -g k --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- DOUBLE is a guess from --time: --types sec=TYPE
  `sec` DOUBLE,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(CAST(ROUND(`sec` * 1000, 0) AS BIGINT), 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '3.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `k`;
==== tumbling_pattern: -t day --time-format '%d.%m.%Y %H:%M:%S' -W 3s -w 20s -g k --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- STRING is a guess from --time: --types day=TYPE
  `day` STRING,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(TO_TIMESTAMP(`day`, 'dd.MM.yyyy HH:mm:ss') AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '3.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `k`;
==== hopping: -t ts --time-format ms -W 2s --hopping 1m --every 15s -g host --count --sum x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from sum_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `sum_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (sum_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`x`) AS `sum_x`
FROM TABLE(HOP(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '15' SECOND, INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== hopping_gcd: -t ts --time-format ms -W 2s --hopping 1m --every 25s -g host --count --max n random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from max_n: --types n=TYPE
  `n` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `max_n` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
-- DIFFERS (--every): 5 times as many windows are held in memory.
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  MAX(`n`) AS `max_n`
FROM TABLE(HOP(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' SECOND, INTERVAL '1' MINUTE))
WHERE MOD(TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', window_start) - 0, 25) = 0
GROUP BY window_start, window_end, `host`;
==== hopping_gcd_align: -t ts --time-format ms -W 2s --hopping 1m --every 25s --align 5s -g host --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
-- DIFFERS (--every): 5 times as many windows are held in memory.
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(HOP(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' SECOND, INTERVAL '1' MINUTE))
WHERE MOD(TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', window_start) - 5, 25) = 0
GROUP BY window_start, window_end, `host`;
==== hopping_wide: -t ts --time-format ms -W 2s --hopping 20s --every 45s -g host --count --avg x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from avg_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `avg_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(HOP_START(event_time_, INTERVAL '45' SECOND, INTERVAL '20' SECOND) AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(HOP_END(event_time_, INTERVAL '45' SECOND, INTERVAL '20' SECOND) AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`
FROM computed
GROUP BY HOP(event_time_, INTERVAL '45' SECOND, INTERVAL '20' SECOND), `host`;
==== hopping_below: -t ts --time-format ms -W 2s --hopping 10s --every 1500ms -g host --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(HOP_START(event_time_, INTERVAL '1.500' SECOND(2, 3), INTERVAL '10' SECOND) AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(HOP_END(event_time_, INTERVAL '1.500' SECOND(2, 3), INTERVAL '10' SECOND) AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM computed
GROUP BY HOP(event_time_, INTERVAL '1.500' SECOND(2, 3), INTERVAL '10' SECOND), `host`;
==== cumulative: -t ts --time-format ms -W 2s --cumulative 2m --every 30s -g host --count --sum n random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from sum_n: --types n=TYPE
  `n` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `sum_n` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (sum_n): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`n`) AS `sum_n`
FROM TABLE(CUMULATE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '30' SECOND, INTERVAL '2' MINUTE))
GROUP BY window_start, window_end, `host`;
==== cumulative_align: -t ts --time-format ms -W 2s --cumulative 2m --every 30s --align 10s --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(CUMULATE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '30' SECOND, INTERVAL '2' MINUTE, INTERVAL '10' SECOND))
GROUP BY window_start, window_end;
==== session: -t ts --time-format ms -W 2s --session 1500ms -g k --count --max x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from max_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `max_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  MAX(`x`) AS `max_x`
FROM TABLE(SESSION(TABLE computed PARTITION BY (`k`), DESCRIPTOR(event_time_), INTERVAL '1.500' SECOND(2, 3)))
GROUP BY window_start, window_end, `k`;
==== session_nogroup: -t ts --time-format ms -W 2s --session 400ms --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(SESSION(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '0.400' SECOND(2, 3)))
GROUP BY window_start, window_end;
==== session_two: -t ts --time-format ms -W 10s --session 3s -g k,host --count --avg x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from avg_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '10.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `k` STRING,
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `avg_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`
FROM TABLE(SESSION(TABLE computed PARTITION BY (`k`, `host`), DESCRIPTOR(event_time_), INTERVAL '3' SECOND))
GROUP BY window_start, window_end, `k`, `host`;
==== calendar_hour: -t ts --time-format ms -W 20s --calendar hour -g host --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '20.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' HOUR))
GROUP BY window_start, window_end, `host`;
==== calendar_day: -t ts --time-format ms -W 20s --calendar day -g host --count --sum x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from sum_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '20.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `sum_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (sum_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`x`) AS `sum_x`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' DAY))
GROUP BY window_start, window_end, `host`;
==== calendar_week: -t ts --time-format ms -W 20s --calendar week -g host --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '20.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '7' DAY, INTERVAL '4' DAY))
GROUP BY window_start, window_end, `host`;
==== calendar_berlin: -t ts --time-format ms -W 20s --calendar day --time-zone Europe/Berlin -g host --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'Europe/Berlin';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '20.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' DAY))
GROUP BY window_start, window_end, `host`;
==== calendar_align: -t ts --time-format ms -W 20s --calendar day --align 6h -g host --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '20.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' DAY, INTERVAL '6' HOUR))
GROUP BY window_start, window_end, `host`;
==== day_kolkata: -t ts --time-format ms -W 20s -w 1d --time-zone Asia/Kolkata -g host --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'Asia/Kolkata';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '20.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' DAY))
GROUP BY window_start, window_end, `host`;
==== whole: -t ts --time-format ms -g k --count --sum x --min n --max n --types n=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- One window over the whole input.
SET 'execution.runtime-mode' = 'batch';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from sum_x: --types x=TYPE
  `x` DOUBLE,
  `n` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- --watermark none: windows close at the end of the input.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '1000' YEAR(4)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `k` STRING,
  `count` BIGINT,
  `sum_x` DOUBLE,
  `min_n` BIGINT,
  `max_n` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  COUNT(*) AS `count`,
  -- DIFFERS (sum_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`x`) AS `sum_x`,
  MIN(`n`) AS `min_n`,
  MAX(`n`) AS `max_n`
FROM computed
GROUP BY `k`;
==== whole_nogroup: --count --avg x --distinct path random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- One window over the whole input.
SET 'execution.runtime-mode' = 'batch';

CREATE TABLE records (
  -- DOUBLE is a guess from avg_x: --types x=TYPE
  `x` DOUBLE,
  -- STRING is a guess from nothing: --types path=TYPE
  `path` STRING
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `count` BIGINT,
  `avg_x` DOUBLE,
  `distinct_path` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  COUNT(*) AS `count`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`,
  -- DIFFERS (distinct_path): exact also beyond 4096 values, with memory for each value.
  COUNT(DISTINCT `path`) AS `distinct_path`
FROM records;
==== whole_last: -t ts --time-format ms -g host --first id --last id --types id=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- One window over the whole input.
SET 'execution.runtime-mode' = 'batch';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  `id` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- --watermark none: windows close at the end of the input.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '1000' YEAR(4)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `first_id` BIGINT,
  `last_id` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  -- DIFFERS (first_id): of records with the same millisecond, the value that sorts first as a text counts.
  CAST(SUBSTRING(MIN(CONCAT(LPAD(CAST((EXTRACT(EPOCH FROM event_time_) * 1000 + EXTRACT(MILLISECOND FROM event_time_)) + 62167219200000 AS STRING), 15, '0'), CAST(`id` AS STRING))), 16) AS BIGINT) AS `first_id`,
  -- DIFFERS (last_id): of records with the same millisecond, the value that sorts last as a text counts.
  CAST(SUBSTRING(MAX(CONCAT(LPAD(CAST((EXTRACT(EPOCH FROM event_time_) * 1000 + EXTRACT(MILLISECOND FROM event_time_)) + 62167219200000 AS STRING), 15, '0'), CAST(`id` AS STRING))), 16) AS BIGINT) AS `last_id`
FROM computed
GROUP BY `host`;
==== agg_spread: -t ts --time-format ms -W 2s -w 5m -g host --stddev n -a 'p=stddev_pop(n),v=variance(n)' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from stddev_n: --types n=TYPE
  `n` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `stddev_n` DOUBLE,
  `p` DOUBLE,
  `v` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (stddev_n): Flink subtracts a square of sums from a sum of squares, which loses digits where values are large compared with their differences.
  STDDEV_SAMP(`n`) AS `stddev_n`,
  -- DIFFERS (p): Flink subtracts a square of sums from a sum of squares, which loses digits where values are large compared with their differences.
  STDDEV_POP(`n`) AS `p`,
  -- DIFFERS (v): Flink subtracts a square of sums from a sum of squares, which loses digits where values are large compared with their differences.
  VAR_SAMP(`n`) AS `v`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `host`;
==== agg_quantiles: -t ts --time-format ms -W 2s -w 1m -g host --median x --quantile 0.9:x --quantile 0.99:n random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from median_x: --types x=TYPE
  `x` DOUBLE,
  -- DOUBLE is a guess from p99_n: --types n=TYPE
  `n` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `median_x` DOUBLE,
  `p90_x` DOUBLE,
  `p99_n` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (median_x): exact also beyond 10000 values, with memory for each value.
  PERCENTILE(`x`, 0.5) AS `median_x`,
  -- DIFFERS (p90_x): exact also beyond 10000 values, with memory for each value.
  PERCENTILE(`x`, 0.9) AS `p90_x`,
  -- DIFFERS (p99_n): exact also beyond 10000 values, with memory for each value.
  PERCENTILE(`n`, 0.99) AS `p99_n`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== agg_distinct: -t ts --time-format ms -W 2s -w 1m -g host --distinct path --distinct k random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- STRING is a guess from nothing: --types path=TYPE
  `path` STRING,
  -- STRING is a guess from nothing: --types k=TYPE
  `k` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `distinct_path` BIGINT,
  `distinct_k` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (distinct_path): exact also beyond 4096 values, with memory for each value.
  COUNT(DISTINCT `path`) AS `distinct_path`,
  -- DIFFERS (distinct_k): exact also beyond 4096 values, with memory for each value.
  COUNT(DISTINCT `k`) AS `distinct_k`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== agg_count: -t ts --time-format ms -W 2s -w 1m -g k -a 'n=count(x),bad=count_if(ok == false),all=count()' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- STRING is a guess from nothing: --types x=TYPE
  `x` STRING,
  -- BOOLEAN is a guess from bad: --types ok=TYPE
  `ok` BOOLEAN,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `n` BIGINT,
  `bad` BIGINT,
  `all` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(`x`) AS `n`,
  COUNT(*) FILTER (WHERE (`ok` = FALSE)) AS `bad`,
  COUNT(*) AS `all`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `k`;
==== agg_ends: -t ts --time-format ms -W 2s -w 1m -g k --first id --last id --types id=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  `id` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `first_id` BIGINT,
  `last_id` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (first_id): of records with the same millisecond, the value that sorts first as a text counts.
  CAST(SUBSTRING(MIN(CONCAT(LPAD(CAST((EXTRACT(EPOCH FROM event_time_) * 1000 + EXTRACT(MILLISECOND FROM event_time_)) + 62167219200000 AS STRING), 15, '0'), CAST(`id` AS STRING))), 16) AS BIGINT) AS `first_id`,
  -- DIFFERS (last_id): of records with the same millisecond, the value that sorts last as a text counts.
  CAST(SUBSTRING(MAX(CONCAT(LPAD(CAST((EXTRACT(EPOCH FROM event_time_) * 1000 + EXTRACT(MILLISECOND FROM event_time_)) + 62167219200000 AS STRING), 15, '0'), CAST(`id` AS STRING))), 16) AS BIGINT) AS `last_id`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `k`;
==== agg_ends_text: -t ts --time-format ms -W 2s -w 1m -g k --first seq --last seq random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- STRING is a guess from nothing: --types seq=TYPE
  `seq` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `first_seq` STRING,
  `last_seq` STRING
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (first_seq): of records with the same millisecond, the value that sorts first as a text counts.
  SUBSTRING(MIN(CONCAT(LPAD(CAST((EXTRACT(EPOCH FROM event_time_) * 1000 + EXTRACT(MILLISECOND FROM event_time_)) + 62167219200000 AS STRING), 15, '0'), `seq`)), 16) AS `first_seq`,
  -- DIFFERS (last_seq): of records with the same millisecond, the value that sorts last as a text counts.
  SUBSTRING(MAX(CONCAT(LPAD(CAST((EXTRACT(EPOCH FROM event_time_) * 1000 + EXTRACT(MILLISECOND FROM event_time_)) + 62167219200000 AS STRING), 15, '0'), `seq`)), 16) AS `last_seq`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `k`;
==== agg_delta: -t ts --time-format ms -W 2s -w 1m -g host --agg 'd=delta(id)' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from d: --types id=TYPE
  `id` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `d` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (d): of records with the same millisecond, the value that sorts first as a text counts.
  -- DIFFERS (d): of records with the same millisecond, the value that sorts last as a text counts.
  CASE WHEN COUNT(`id`) > 1 THEN CAST(SUBSTRING(MAX(CONCAT(LPAD(CAST((EXTRACT(EPOCH FROM event_time_) * 1000 + EXTRACT(MILLISECOND FROM event_time_)) + 62167219200000 AS STRING), 15, '0'), CAST(`id` AS STRING))), 16) AS DOUBLE) - CAST(SUBSTRING(MIN(CONCAT(LPAD(CAST((EXTRACT(EPOCH FROM event_time_) * 1000 + EXTRACT(MILLISECOND FROM event_time_)) + 62167219200000 AS STRING), 15, '0'), CAST(`id` AS STRING))), 16) AS DOUBLE) END AS `d`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== agg_by: -t ts --time-format ms -W 2s -w 1m -g host -a 'low=min_by(event,id),high=max_by(event,id)' --types id=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- STRING is a guess from nothing: --types event=TYPE
  `event` STRING,
  `id` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `low` STRING,
  `high` STRING
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (low): of records that are equal in the second value, the value that sorts first or last counts.
  SUBSTRING(MIN(CONCAT(LPAD(CAST(CAST(`id` AS DECIMAL(20, 0)) + CAST('9223372036854775808' AS DECIMAL(20, 0)) AS STRING), 20, '0'), `event`)), 21) AS `low`,
  -- DIFFERS (high): of records that are equal in the second value, the value that sorts first or last counts.
  SUBSTRING(MAX(CONCAT(LPAD(CAST(CAST(`id` AS DECIMAL(20, 0)) + CAST('9223372036854775808' AS DECIMAL(20, 0)) AS STRING), 20, '0'), `event`)), 21) AS `high`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== agg_integers: -t ts --time-format ms -W 2s -w 1m -g host --sum n --avg n --min n --max n --types n=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  `n` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `sum_n` BIGINT,
  `avg_n` DOUBLE,
  `min_n` BIGINT,
  `max_n` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (sum_n): a sum beyond 64 bits is null.
  TRY_CAST(SUM(CAST(`n` AS DECIMAL(38, 0))) AS BIGINT) AS `sum_n`,
  -- DIFFERS (avg_n): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(CAST(`n` AS DOUBLE)) AS `avg_n`,
  MIN(`n`) AS `min_n`,
  MAX(`n`) AS `max_n`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== agg_expression: -t ts --time-format ms -W 2s -w 1m -g host -a 'double=sum(x * 2),part=avg(n / 4)' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from double: --types x=TYPE
  `x` DOUBLE,
  -- DOUBLE is a guess from part: --types n=TYPE
  `n` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `double` DOUBLE,
  `part` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (double): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM((`x` * CAST(2 AS DOUBLE))) AS `double`,
  -- DIFFERS (part): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG((`n` / CAST(4 AS DOUBLE))) AS `part`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== agg_over: -t ts --time-format ms -W 2s -w 1m -g host -a 'total=sum(x),mean=sum(x)/count(x),twice=mean*2' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from total: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW windows AS
SELECT
  `host`,
  window_start,
  window_end,
  -- DIFFERS (total): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`x`) AS `total`,
  COUNT(`x`) AS `aggregate_2_`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;

CREATE TEMPORARY VIEW with_mean AS
SELECT *, (`total` / NULLIF(CAST(`aggregate_2_` AS DOUBLE), 0)) AS `mean` FROM windows;

CREATE TEMPORARY VIEW with_twice AS
SELECT *, (`mean` * CAST(2 AS DOUBLE)) AS `twice` FROM with_mean;

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `total` DOUBLE,
  `mean` DOUBLE,
  `twice` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  `total`,
  `mean`,
  `twice`
FROM with_twice;
==== agg_text: -t ts --time-format ms -W 2s -w 1m -g host --min event --max event --types event=STRING random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  `event` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `min_event` STRING,
  `max_event` STRING
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  MIN(`event`) AS `min_event`,
  MAX(`event`) AS `max_event`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== where: -t ts --time-format ms -W 2s -w 20s -g host --count --where 'x > 10 and n != 3' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from --where: --types x=TYPE
  `x` DOUBLE,
  -- DOUBLE is a guess from --where: --types n=TYPE
  `n` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND ((`x` > 10) AND (`n` <> 3));

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `host`;
==== where_null: -t ts --time-format ms -W 2s -w 20s --count --where 'not (x > 10) or n is null' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- DOUBLE is a guess from --where: --types x=TYPE
  `x` DOUBLE,
  -- STRING is a guess from nothing: --types n=TYPE
  `n` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND ((NOT (`x` > 10)) OR (`n` IS NULL));

CREATE TABLE results (
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end;
==== where_text: -t ts --time-format ms -W 2s -w 20s --count --where "path ~ '^/api/v[0-9]+/' and k in ('a', 'é')" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --where: --types path=TYPE
  `path` STRING,
  -- STRING is a guess from --where: --types k=TYPE
  `k` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND (REGEXP(`path`, '(?d)^/api/v[0-9]+/') AND ((`k` = 'a') OR (`k` = 'é')));

CREATE TABLE results (
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end;
==== where_like: -t ts --time-format ms -W 2s -w 20s --count --where "path like '/api/%'" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --where: --types path=TYPE
  `path` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND REGEXP(`path`, '(?d)^\/api\/(.|
)*\z');

CREATE TABLE results (
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end;
==== where_choice: -t ts --time-format ms -W 2s -w 20s --count --where '(ok ? n : -n) > 5' --types n=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- BOOLEAN is a guess from --where: --types ok=TYPE
  `ok` BOOLEAN,
  `n` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND (CASE WHEN `ok` THEN `n` ELSE (-`n`) END > 5);

CREATE TABLE results (
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end;
==== where_mixed: -t ts --time-format ms -W 2s -w 20s --count --where "k != 5 and status >= 400" --types status=BIGINT,k=STRING random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  `k` STRING,
  `status` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND (CASE WHEN `k` IS NOT NULL THEN COALESCE(TRY_CAST(`k` AS DOUBLE) <> 5, TRUE) END AND (`status` >= 400));

CREATE TABLE results (
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end;
==== let: -t ts --time-format ms -W 2s -w 20s -g kind --count --sum cost --let "kind=path ~ '^/api' ? 'api' : 'other'" --let 'cost=(x ?? 0) * 1.5 + n' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --let kind: --types path=TYPE
  `path` STRING,
  -- DOUBLE is a guess from --let cost: --types x=TYPE
  `x` DOUBLE,
  -- DOUBLE is a guess from --let cost: --types n=TYPE
  `n` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `path`,
  `x`,
  `n`,
  CASE WHEN REGEXP(`path`, '(?d)^/api') THEN 'api' ELSE 'other' END AS `kind`,
  ((COALESCE(`x`, CAST(0 AS DOUBLE)) * 1.5E0) + `n`) AS `cost`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `kind` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `sum_cost` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `kind`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (sum_cost): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`cost`) AS `sum_cost`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `kind`;
==== let_chain: -t ts --time-format ms -W 2s -w 20s -g part --count --let "first=split(path, '/', 1)" --let 'part=coalesce(first, host)' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --let first: --types path=TYPE
  `path` STRING,
  -- STRING is a guess from nothing: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `path`,
  `host`,
  SPLIT_INDEX(`path`, '/', 1) AS `first`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW computed_ AS
SELECT
  `ts`,
  `path`,
  `host`,
  `first`,
  COALESCE(`first`, `host`) AS `part`,
  event_time_
FROM computed;

CREATE TABLE results (
  `part` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `part`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed_, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `part`;
==== let_shadow: -t ts --time-format ms -W 2s -w 20s --avg x --max x --let 'x=abs(x) / 2' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- DOUBLE is a guess from --let x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  (ABS(`x`) / CAST(2 AS DOUBLE)) AS `x`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `avg_x` DOUBLE,
  `max_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`,
  MAX(`x`) AS `max_x`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end;
==== let_time: -t ts --time-format ms -W 2s -w 5m -g m --count --let "m=format_time(at, '%H:%M')" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- TIMESTAMP is a guess from --let m: --types at=TYPE
  `at` TIMESTAMP_LTZ(6),
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `at`,
  DATE_FORMAT(`at`, 'HH:mm') AS `m`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `m` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `m`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `m`;
==== let_parts: -t ts --time-format ms -W 2s -w 5m -g d,h --count --let 'd=weekday(at)' --let 'h=hour(at)' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- TIMESTAMP is a guess from --let d: --types at=TYPE
  `at` TIMESTAMP_LTZ(6),
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `at`,
  EXTRACT(ISODOW FROM `at`) AS `d`,
  EXTRACT(HOUR FROM `at`) AS `h`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `d` BIGINT,
  `h` BIGINT,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `d`,
  `h`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `d`, `h`;
==== let_floor: -t ts --time-format ms -W 2s -w 5m -g m --count --let "m=time_floor(at, '90s')" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- TIMESTAMP is a guess from --let m: --types at=TYPE
  `at` TIMESTAMP_LTZ(6),
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `at`,
  TO_TIMESTAMP_LTZ((EXTRACT(EPOCH FROM `at`) * 1000 + EXTRACT(MILLISECOND FROM `at`)) - MOD(MOD((EXTRACT(EPOCH FROM `at`) * 1000 + EXTRACT(MILLISECOND FROM `at`)), 90000) + 90000, 90000), 3) AS `m`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `m` TIMESTAMP_LTZ(3),
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `m`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `m`;
==== let_functions: -t ts --time-format ms -W 2s -w 5m -g a,b,c --count --let "a=substr(path, 0, 4)" --let "b=starts_with(path, '/api')" --let "c=length(path)" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --let a: --types path=TYPE
  `path` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `path`,
  SUBSTRING(`path`, 1, 4) AS `a`,
  STARTSWITH(`path`, '/api') AS `b`,
  CAST(CHAR_LENGTH(`path`) AS BIGINT) AS `c`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `a` STRING,
  `b` BOOLEAN,
  `c` BIGINT,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `a`,
  `b`,
  `c`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `a`, `b`, `c`;
==== let_replace: -t ts --time-format ms -W 2s -w 5m -g p --count --let "p=regex_replace(path, '/[0-9]+', '/:id')" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --let p: --types path=TYPE
  `path` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `path`,
  REGEXP_REPLACE(`path`, '(?d)/[0-9]+', '/:id') AS `p`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `p` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `p`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `p`;
==== let_extract: -t ts --time-format ms -W 2s -w 5m -g v --count --let "v=extract(path, 'v([0-9])')" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --let v: --types path=TYPE
  `path` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `path`,
  REGEXP_EXTRACT(`path`, '(?d)v([0-9])', 1) AS `v`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `v` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `v`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `v`;
==== let_numbers: -t ts --time-format ms -W 2s -w 5m -g r,m --count --let 'r=round(x / 20)' --let 'm=n % 7' --types n=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- DOUBLE is a guess from --let r: --types x=TYPE
  `x` DOUBLE,
  `n` BIGINT,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `x`,
  `n`,
  CAST(ROUND((`x` / CAST(20 AS DOUBLE)), 0) AS BIGINT) AS `r`,
  MOD(`n`, 7) AS `m`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `r` BIGINT,
  `m` BIGINT,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `r`,
  `m`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `r`, `m`;
==== let_trim: -t ts --time-format ms -W 2s -w 5m -g p --count --let "p=concat(trim(path), '|', k)" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --let p: --types path=TYPE
  `path` STRING,
  -- STRING is a guess from --let p: --types k=TYPE
  `k` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `path`,
  `k`,
  CONCAT(REGEXP_REPLACE(`path`, '^[ \t\r\n]+|[ \t\r\n]+\z', ''), '|', `k`) AS `p`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `p` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `p`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `p`;
==== by_expression: -t ts --time-format ms -W 2s -w 1m -g "api=starts_with(path, '/api')" -g host --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types path=TYPE
  `path` STRING,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `path`,
  `host`,
  STARTSWITH(`path`, '/api') AS `api`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `api` BOOLEAN,
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `api`,
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `api`, `host`;
==== by_renamed: -t ts --time-format ms -W 2s -w 1m -g h=host --avg x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from avg_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `h` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `avg_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host` AS `h`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== nested: -t ts --time-format ms -W 2s -w 1m -g plan=u.plan --count --max u.id random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types u.plan=TYPE
  -- DOUBLE is a guess from max_u.id: --types u.id=TYPE
  -- DIFFERS (u.plan): a key with a dot in its name is not found; write it in double quotes if it is one.
  `u` ROW<`plan` STRING, `id` DOUBLE>,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `u`,
  `u`.`plan` AS `plan`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `plan` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `max_u.id` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `plan`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  MAX(`u`.`id`) AS `max_u.id`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `plan`;
==== flat_key: -t ts --time-format ms -W 2s -w 1m -g '"d.k"' --count random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types "d.k"=TYPE
  `d.k` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `d.k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `d.k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `d.k`;
==== dedup: -t ts --time-format ms -w 1m -g host --count --dedup event random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- STRING is a guess from nothing: --types event=TYPE
  `event` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- --watermark none: windows close at the end of the input.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '1000' YEAR(4)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `host`,
  `event`,
  event_time_,
  PROCTIME() AS `arrival_`
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW deduplicated AS
SELECT
  `ts`, `host`, `event`, event_time_
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY `event` ORDER BY arrival_ ASC) AS copy_ FROM computed
) WHERE copy_ = 1;

CREATE TABLE results (
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE deduplicated, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`;
==== having: -t ts --time-format ms -W 2s -w 20s -g k --count --avg x --having 'count > 9 and avg_x < 40' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from avg_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW windows AS
SELECT
  `k`,
  window_start,
  window_end,
  COUNT(*) AS `count`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `k`;

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `avg_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  `count`,
  `avg_x`
FROM windows
WHERE ((`count` > 9) AND (`avg_x` < 40));
==== select: -t ts --time-format ms -W 2s -w 20s -g k --count --sum x --select 'k,from=window_start,mean=sum_x/count' random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from sum_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW windows AS
SELECT
  `k`,
  window_start,
  window_end,
  COUNT(*) AS `count`,
  -- DIFFERS (sum_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`x`) AS `sum_x`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `k`;

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `k` STRING,
  `from` TIMESTAMP_LTZ(3),
  `mean` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `from`,
  (`sum_x` / NULLIF(CAST(`count` AS DOUBLE), 0)) AS `mean`
FROM windows;
==== limit: -t ts --time-format ms -W 2s -w 20s -g k,host --count --sort -count --limit 3 random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW windows AS
SELECT
  `k`,
  `host`,
  window_start,
  window_end,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `k`, `host`;

CREATE TEMPORARY VIEW ranked AS
SELECT * FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY `count` DESC, `k` ASC, `host` ASC) AS `place_`
  FROM windows
) WHERE `place_` <= 3;

CREATE TABLE results (
  `k` STRING,
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  `count`
FROM ranked;
==== limit_rank: -t ts --time-format ms -W 2s -w 20s -g k --count --max n --sort -max_n --limit 2 --rank place random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from max_n: --types n=TYPE
  `n` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW windows AS
SELECT
  `k`,
  window_start,
  window_end,
  COUNT(*) AS `count`,
  MAX(`n`) AS `max_n`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `k`;

CREATE TEMPORARY VIEW ranked AS
SELECT * FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY `max_n` DESC, `k` ASC) AS `place`
  FROM windows
) WHERE `place` <= 2;

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `place` BIGINT,
  `count` BIGINT,
  `max_n` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  `place`,
  `count`,
  `max_n`
FROM ranked;
==== limit_having: -t ts --time-format ms -W 2s -w 20s -g k,host --count --having 'count > 2' --sort count --limit 2 random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW windows AS
SELECT
  `k`,
  `host`,
  window_start,
  window_end,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end, `k`, `host`;

CREATE TEMPORARY VIEW kept AS
SELECT * FROM windows WHERE (`count` > 2);

CREATE TEMPORARY VIEW ranked AS
SELECT * FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY `count` ASC, `k` ASC, `host` ASC) AS `place_`
  FROM kept
) WHERE `place_` <= 2;

CREATE TABLE results (
  `k` STRING,
  `host` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  `count`
FROM ranked;
==== then: -t ts --time-format ms -W 2s -w 10s -g k --count --sum x --then -w 1m -g k --sum count --max sum_x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from sum_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW rows_of_stage_1 AS
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start_`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end_`,
  COUNT(*) AS `count`,
  -- DIFFERS (sum_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`x`) AS `sum_x`,
  window_time AS `event_time_`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '10' SECOND))
GROUP BY window_start, window_end, `k`, window_time;

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `sum_count` BIGINT,
  `max_sum_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (sum_count): a sum beyond 64 bits is null.
  TRY_CAST(SUM(CAST(`count` AS DECIMAL(38, 0))) AS BIGINT) AS `sum_count`,
  MAX(`sum_x`) AS `max_sum_x`
FROM TABLE(TUMBLE(TABLE rows_of_stage_1, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `k`;
==== then_day: -t ts --time-format ms -W 2s -w 1m -g host --avg x --then --calendar day --max avg_x random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types host=TYPE
  `host` STRING,
  -- DOUBLE is a guess from avg_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW rows_of_stage_1 AS
SELECT
  `host`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start_`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end_`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`,
  window_time AS `event_time_`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `host`, window_time;

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `max_avg_x` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  MAX(`avg_x`) AS `max_avg_x`
FROM TABLE(TUMBLE(TABLE rows_of_stage_1, DESCRIPTOR(event_time_), INTERVAL '1' DAY))
GROUP BY window_start, window_end;
==== pass: -t ts --time-format ms --where 'x > 90' --select 'id,k,x,late=n < 0' --types id=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- DOUBLE is a guess from --where: --types x=TYPE
  `x` DOUBLE,
  `id` BIGINT,
  -- STRING is a guess from nothing: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from --select: --types n=TYPE
  `n` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- --watermark none: windows close at the end of the input.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '1000' YEAR(4)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND (`x` > 90);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `id` BIGINT,
  `k` STRING,
  `x` DOUBLE,
  `late` BOOLEAN
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `id`,
  `k`,
  `x`,
  (`n` < 0) AS `late`
FROM computed;
==== zeek_tumbling: -t ts -W 5s -w 10s -g version --count --min 'low="id.orig_p"' --max 'high="id.orig_p"'  zeek.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types version=TYPE
  `version` STRING,
  -- DOUBLE is a guess from low: --types "id.orig_p"=TYPE
  `id.orig_p` DOUBLE,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`ts` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'zeek.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `version` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `low` DOUBLE,
  `high` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `version`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  MIN(`id.orig_p`) AS `low`,
  MAX(`id.orig_p`) AS `high`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '10' SECOND))
GROUP BY window_start, window_end, `version`;
==== zeek_hopping: -t ts -W 5s --hopping 1m --every 10s -g version --count --distinct 'hosts="id.orig_h"'  zeek.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types version=TYPE
  `version` STRING,
  -- STRING is a guess from nothing: --types "id.orig_h"=TYPE
  `id.orig_h` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`ts` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'zeek.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `version` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `hosts` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `version`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (hosts): exact also beyond 4096 values, with memory for each value.
  COUNT(DISTINCT `id.orig_h`) AS `hosts`
FROM TABLE(HOP(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '10' SECOND, INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `version`;
==== zeek_session: -t ts -W 5s --session 4s -g 'h="id.orig_h"' --count zeek.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types "id.orig_h"=TYPE
  `id.orig_h` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`ts` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'zeek.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `h` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `id.orig_h` AS `h`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(SESSION(TABLE computed PARTITION BY (`id.orig_h`), DESCRIPTOR(event_time_), INTERVAL '4' SECOND))
GROUP BY window_start, window_end, `id.orig_h`;
==== zeek_cumulative: -t ts -W 5s --cumulative 1m --every 20s -g curve --count -a 'ok=count_if(established)' zeek.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types curve=TYPE
  `curve` STRING,
  -- BOOLEAN is a guess from ok: --types established=TYPE
  `established` BOOLEAN,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`ts` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'zeek.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `curve` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `ok` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `curve`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  COUNT(*) FILTER (WHERE `established`) AS `ok`
FROM TABLE(CUMULATE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND, INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `curve`;
==== zeek_top: -t ts -W 5s -w 1m -g 'h="id.orig_h"' --count --sort -count --limit 5 zeek.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types "id.orig_h"=TYPE
  `id.orig_h` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`ts` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'zeek.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW windows AS
SELECT
  `id.orig_h` AS `h`,
  window_start,
  window_end,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `id.orig_h`;

CREATE TEMPORARY VIEW ranked AS
SELECT * FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY `count` DESC, `h` ASC) AS `place_`
  FROM windows
) WHERE `place_` <= 5;

CREATE TABLE results (
  `h` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `h`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  `count`
FROM ranked;
==== zeek_where: -t ts -W 5s -w 30s -g cipher --count --where "cipher ~ 'GCM' and not resumed" zeek.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types cipher=TYPE
  `cipher` STRING,
  -- BOOLEAN is a guess from --where: --types resumed=TYPE
  `resumed` BOOLEAN,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`ts` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'zeek.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND (REGEXP(`cipher`, '(?d)GCM') AND (NOT `resumed`));

CREATE TABLE results (
  `cipher` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `cipher`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '30' SECOND))
GROUP BY window_start, window_end, `cipher`;
==== zeek_let: -t ts -W 80s -w 30s -g net --count --let "net=extract(\"id.resp_h\", '^([0-9]+[.][0-9]+)[.]')" zeek.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --let net: --types "id.resp_h"=TYPE
  `id.resp_h` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`ts` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '80.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'zeek.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `id.resp_h`,
  REGEXP_EXTRACT(`id.resp_h`, '(?d)^([0-9]+[.][0-9]+)[.]', 1) AS `net`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `net` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `net`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '30' SECOND))
GROUP BY window_start, window_end, `net`;
==== zeek_then: -t ts -W 5s -w 10s -g version --count --then -w 1m -g version --max count --avg count zeek.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types version=TYPE
  `version` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`ts` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'zeek.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW rows_of_stage_1 AS
SELECT
  `version`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start_`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end_`,
  COUNT(*) AS `count`,
  window_time AS `event_time_`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '10' SECOND))
GROUP BY window_start, window_end, `version`, window_time;

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `version` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `max_count` BIGINT,
  `avg_count` DOUBLE
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `version`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  MAX(`count`) AS `max_count`,
  -- DIFFERS (avg_count): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(CAST(`count` AS DOUBLE)) AS `avg_count`
FROM TABLE(TUMBLE(TABLE rows_of_stage_1, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `version`;
==== zeek_spread: -t ts -W 5s -w 1m -g version -a 'n=count(),bytes=max(length(cipher)),kinds=distinct(cipher)' zeek.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types version=TYPE
  `version` STRING,
  -- STRING is a guess from bytes: --types cipher=TYPE
  `cipher` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`ts` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'zeek.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `version` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `n` BIGINT,
  `bytes` BIGINT,
  `kinds` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `version`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `n`,
  MAX(CAST(CHAR_LENGTH(`cipher`) AS BIGINT)) AS `bytes`,
  -- DIFFERS (kinds): exact also beyond 4096 values, with memory for each value.
  COUNT(DISTINCT `cipher`) AS `kinds`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `version`;
==== where_classes: -t ts --time-format ms -W 2s -w 20s --count --where "path ~ '[[:upper:]&[]+/G|x=1$|\\t$' or host ~ '^(?i)WEB-\\d$'" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --where: --types path=TYPE
  `path` STRING,
  -- STRING is a guess from --where: --types host=TYPE
  `host` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND (REGEXP(`path`, '(?d)[\p{Upper}\&\[]+/G|x=1\z|\t\z') OR REGEXP(`host`, '(?d)^(?i)WEB-\d\z'));

CREATE TABLE results (
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '20' SECOND))
GROUP BY window_start, window_end;
==== let_replace_dollar: -t ts --time-format ms -W 2s -w 5m -g p --count --let "p=regex_replace(path, '/v[0-9]', '/\$\$x')" random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --let p: --types path=TYPE
  `path` STRING,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `path`,
  REGEXP_REPLACE(`path`, '(?d)/v[0-9]', '/$$x') AS `p`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `p` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `p`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `p`;
==== pass_time: -t at --where 'x > 90' --select "at,id,hour=time_floor(at, '1h')" --types id=BIGINT random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types at=TYPE
  `at` TIMESTAMP_LTZ(6),
  -- DOUBLE is a guess from --where: --types x=TYPE
  `x` DOUBLE,
  `id` BIGINT,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(CAST(`at` AS TIMESTAMP_LTZ(3)), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- --watermark none: windows close at the end of the input.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '1000' YEAR(4)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND (`x` > 90);

CREATE TABLE results (
  `at` TIMESTAMP_LTZ(3),
  `id` BIGINT,
  `hour` TIMESTAMP_LTZ(3)
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `at`,
  `id`,
  TO_TIMESTAMP_LTZ((EXTRACT(EPOCH FROM `at`) * 1000 + EXTRACT(MILLISECOND FROM `at`)) - MOD(MOD((EXTRACT(EPOCH FROM `at`) * 1000 + EXTRACT(MILLISECOND FROM `at`)), 3600000) + 3600000, 3600000), 3) AS `hour`
FROM computed;
==== by_time: -t ts --time-format ms -W 2s -w 5m -g "minute=time_floor(at, '1m')" --count --min at --types at=TIMESTAMP random.jsonl
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  `at` TIMESTAMP_LTZ(6),
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(TO_TIMESTAMP_LTZ(`ts`, 3), TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '2.001' SECOND(2, 3)
) WITH (
  'connector' = 'filesystem', 'path' = 'random.jsonl',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `at`,
  TO_TIMESTAMP_LTZ((EXTRACT(EPOCH FROM `at`) * 1000 + EXTRACT(MILLISECOND FROM `at`)) - MOD(MOD((EXTRACT(EPOCH FROM `at`) * 1000 + EXTRACT(MILLISECOND FROM `at`)), 60000) + 60000, 60000), 3) AS `minute`,
  event_time_
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `minute` TIMESTAMP_LTZ(3),
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `min_at` TIMESTAMP_LTZ(3)
) WITH (
  -- DIFFERS (--output): the rows are in a folder of files.
  'connector' = 'filesystem', 'path' = 'rows',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `minute`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  MIN(`at`) AS `min_at`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '5' MINUTE))
GROUP BY window_start, window_end, `minute`;
==== readme: kafka://localhost:9092/sensor_data --time event_time --watermark 5s --tumbling 1h --by sensor_id --avg temperature --max temperature --min temperature -o postgresql://db:5432/iot --table sensor_aggregates --job sensors
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
-- Names in ${} are variables of the environment: envsubst < FILE > FILE.filled
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';
SET 'pipeline.name' = 'sensors';
SET 'execution.checkpointing.interval' = '1 s';
-- DIFFERS (--table): a row whose key has a null is dropped.
SET 'table.exec.sink.not-null-enforcer' = 'DROP';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types event_time=TYPE
  `event_time` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types sensor_id=TYPE
  `sensor_id` STRING,
  -- DOUBLE is a guess from avg_temperature: --types temperature=TYPE
  `temperature` DOUBLE,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  -- So is one that is further ahead of the clock than --max-ahead.
  event_time_ AS CASE WHEN CAST(`event_time` AS TIMESTAMP_LTZ(3)) <= CURRENT_TIMESTAMP + INTERVAL '1' HOUR THEN CAST(`event_time` AS TIMESTAMP_LTZ(3)) ELSE TO_TIMESTAMP_LTZ(-62135596800000, 3) END,
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'kafka', 'topic' = 'sensor_data',
  'properties.bootstrap.servers' = 'localhost:9092',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `sensor_id` STRING,
  `window_start` TIMESTAMP(3),
  `window_end` TIMESTAMP(3),
  `avg_temperature` DOUBLE,
  `max_temperature` DOUBLE,
  `min_temperature` DOUBLE,
  PRIMARY KEY (`sensor_id`, `window_start`) NOT ENFORCED
) WITH (
  -- DIFFERS (--job): rows are written at least once; those with the same key are replaced.
  'connector' = 'jdbc', 'url' = 'jdbc:postgresql://db:5432/iot',
  'table-name' = 'sensor_aggregates',
  -- DIFFERS (--table): times are written by the clock of the JVM, so run it with -Duser.timezone=UTC.
  'username' = '${PGUSER}', 'password' = '${PGPASSWORD}'
);

INSERT INTO results
SELECT
  `sensor_id`,
  window_start,
  window_end,
  -- DIFFERS (avg_temperature): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`temperature`) AS `avg_temperature`,
  MAX(`temperature`) AS `max_temperature`,
  MIN(`temperature`) AS `min_temperature`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' HOUR))
GROUP BY window_start, window_end, `sensor_id`;
==== topic_metadata: kafka://b:9092/events?until=end -w 1m -g @key,@partition,kind --count --max @offset -o kafka://b/out --key kind --job j
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';
SET 'pipeline.name' = 'j';
SET 'execution.checkpointing.interval' = '1 s';

CREATE TABLE records (
  -- STRING is a guess from --by: --types kind=TYPE
  `kind` STRING,
  `@kafka_time` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
  `@key` STRING,
  `@partition` BIGINT METADATA FROM 'partition' VIRTUAL,
  `@offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  -- A record without a time is left out; Flink would end the job.
  event_time_ AS COALESCE(`@kafka_time`, TO_TIMESTAMP_LTZ(-62135596800000, 3)),
  -- --watermark none: windows close at the end of the input.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '1000' YEAR(4)
) WITH (
  'connector' = 'kafka', 'topic' = 'events',
  'properties.bootstrap.servers' = 'b:9092',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = 'latest-offset',
  'key.format' = 'raw', 'key.fields' = '@key', 'value.fields-include' = 'EXCEPT_KEY',
  'value.format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'value.json.ignore-parse-errors' = 'true', 'value.json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `key` STRING,
  `partition` BIGINT,
  `kind` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT,
  `max_offset` BIGINT
) WITH (
  'connector' = 'kafka', 'topic' = 'out',
  'properties.bootstrap.servers' = 'b',
  -- DIFFERS (--key): the key of a message is a JSON object.
  'key.format' = 'json', 'key.fields' = 'kind',
  'value.format' = 'json',
  'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'j',
  'value.json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `@key` AS `key`,
  `@partition` AS `partition`,
  `kind`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`,
  MAX(`@offset`) AS `max_offset`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `@key`, `@partition`, `kind`;
==== topic_pattern: kafka://b/^ev.*?start=@2026-01-01T00:00:00Z&group=g -t ts -w 1m -g @topic --count -o kafka://b/out
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  `@topic` STRING METADATA FROM 'topic' VIRTUAL,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  -- So is one that is further ahead of the clock than --max-ahead.
  event_time_ AS CASE WHEN CAST(`ts` AS TIMESTAMP_LTZ(3)) <= CURRENT_TIMESTAMP + INTERVAL '1' HOUR THEN CAST(`ts` AS TIMESTAMP_LTZ(3)) ELSE TO_TIMESTAMP_LTZ(-62135596800000, 3) END,
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'kafka', 'topic-pattern' = '^ev.*',
  'properties.bootstrap.servers' = 'b',
  'properties.group.id' = 'g',
  'scan.startup.mode' = 'timestamp', 'scan.startup.timestamp-millis' = '1767225600000',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `topic` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  'connector' = 'kafka', 'topic' = 'out',
  'properties.bootstrap.servers' = 'b',
  -- DIFFERS (--key): the key of a message is a JSON object.
  'key.format' = 'json', 'key.fields' = 'topic',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `@topic` AS `topic`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `@topic`;
==== topic_ahead: kafka://b/events -t ts --time-format ms --max-ahead 5m --idle 30s --hopping 1m --every 10s -g k --avg x -o kafka://b/out
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';
-- After this time without records, the watermark no longer waits for a partition.
SET 'table.exec.source.idle-timeout' = '30 s';

CREATE TABLE records (
  -- BIGINT is a guess from --time: --types ts=TYPE
  `ts` BIGINT,
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from avg_x: --types x=TYPE
  `x` DOUBLE,
  -- A record without a time is left out; Flink would end the job.
  -- So is one that is further ahead of the clock than --max-ahead.
  event_time_ AS CASE WHEN TO_TIMESTAMP_LTZ(`ts`, 3) <= CURRENT_TIMESTAMP + INTERVAL '5' MINUTE THEN TO_TIMESTAMP_LTZ(`ts`, 3) ELSE TO_TIMESTAMP_LTZ(-62135596800000, 3) END,
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'kafka', 'topic' = 'events',
  'properties.bootstrap.servers' = 'b',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  -- DIFFERS (--format): whole numbers in a DOUBLE are printed as 5.0 instead of 5.
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `avg_x` DOUBLE
) WITH (
  'connector' = 'kafka', 'topic' = 'out',
  'properties.bootstrap.servers' = 'b',
  -- DIFFERS (--key): the key of a message is a JSON object.
  'key.format' = 'json', 'key.fields' = 'k',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`
FROM TABLE(HOP(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '10' SECOND, INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `k`;
==== table_append: kafka://b/events -t ts --where "level = 'error'" --select ts,level,message -o postgresql://db/app --table errors --mode append
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
-- Names in ${} are variables of the environment: envsubst < FILE > FILE.filled
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --where: --types level=TYPE
  `level` STRING,
  -- STRING is a guess from nothing: --types message=TYPE
  `message` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  -- So is one that is further ahead of the clock than --max-ahead.
  event_time_ AS CASE WHEN CAST(`ts` AS TIMESTAMP_LTZ(3)) <= CURRENT_TIMESTAMP + INTERVAL '1' HOUR THEN CAST(`ts` AS TIMESTAMP_LTZ(3)) ELSE TO_TIMESTAMP_LTZ(-62135596800000, 3) END,
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'kafka', 'topic' = 'events',
  'properties.bootstrap.servers' = 'b',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3) AND (`level` = 'error');

CREATE TABLE results (
  `ts` TIMESTAMP(3),
  `level` STRING,
  `message` STRING
) WITH (
  'connector' = 'jdbc', 'url' = 'jdbc:postgresql://db/app',
  'table-name' = 'errors',
  -- DIFFERS (--table): times are written by the clock of the JVM, so run it with -Duser.timezone=UTC.
  'username' = '${PGUSER}', 'password' = '${PGPASSWORD}'
);

INSERT INTO results
SELECT
  CAST(`ts` AS TIMESTAMP(3)) AS `ts`,
  `level`,
  `message`
FROM computed;
==== table_updates: kafka://b/events -g k --count --sum x -o postgresql://db/app --table totals
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
-- Names in ${} are variables of the environment: envsubst < FILE > FILE.filled
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';
-- DIFFERS (--table): a row whose key has a null is dropped.
SET 'table.exec.sink.not-null-enforcer' = 'DROP';

CREATE TABLE records (
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from sum_x: --types x=TYPE
  `x` DOUBLE
) WITH (
  'connector' = 'kafka', 'topic' = 'events',
  'properties.bootstrap.servers' = 'b',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE results (
  `k` STRING,
  `count` BIGINT,
  `sum_x` DOUBLE,
  PRIMARY KEY (`k`) NOT ENFORCED
) WITH (
  -- DIFFERS (-a): the row of a group is updated with each record.
  'connector' = 'jdbc', 'url' = 'jdbc:postgresql://db/app',
  'table-name' = 'totals',
  -- DIFFERS (--table): times are written by the clock of the JVM, so run it with -Duser.timezone=UTC.
  'username' = '${PGUSER}', 'password' = '${PGPASSWORD}'
);

INSERT INTO results
SELECT
  `k`,
  COUNT(*) AS `count`,
  -- DIFFERS (sum_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  SUM(`x`) AS `sum_x`
FROM records
GROUP BY `k`;
==== lateness: kafka://b/events -t ts -W 5s -w 1m -g k --count --avg x --lateness 1h -o postgresql://db/app --table rows
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
-- Names in ${} are variables of the environment: envsubst < FILE > FILE.filled
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';
SET 'table.exec.emit.late-fire.enabled' = 'true';
SET 'table.exec.emit.late-fire.delay' = '0 s';
SET 'table.exec.emit.allow-lateness' = '3600 s';
-- DIFFERS (--table): a row whose key has a null is dropped.
SET 'table.exec.sink.not-null-enforcer' = 'DROP';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DOUBLE is a guess from avg_x: --types x=TYPE
  `x` DOUBLE,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  -- So is one that is further ahead of the clock than --max-ahead.
  event_time_ AS CASE WHEN CAST(`ts` AS TIMESTAMP_LTZ(3)) <= CURRENT_TIMESTAMP + INTERVAL '1' HOUR THEN CAST(`ts` AS TIMESTAMP_LTZ(3)) ELSE TO_TIMESTAMP_LTZ(-62135596800000, 3) END,
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'kafka', 'topic' = 'events',
  'properties.bootstrap.servers' = 'b',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP(3),
  `window_end` TIMESTAMP(3),
  `count` BIGINT,
  `avg_x` DOUBLE,
  PRIMARY KEY (`k`, `window_start`) NOT ENFORCED
) WITH (
  -- DIFFERS (--lateness): a row replaces the one before it; there is no column final or revision.
  'connector' = 'jdbc', 'url' = 'jdbc:postgresql://db/app',
  'table-name' = 'rows',
  -- DIFFERS (--table): times are written by the clock of the JVM, so run it with -Duser.timezone=UTC.
  'username' = '${PGUSER}', 'password' = '${PGPASSWORD}'
);

INSERT INTO results
SELECT
  `k`,
  TUMBLE_START(event_time_, INTERVAL '1' MINUTE) AS `window_start`,
  TUMBLE_END(event_time_, INTERVAL '1' MINUTE) AS `window_end`,
  COUNT(*) AS `count`,
  -- DIFFERS (avg_x): Flink adds doubles one by one, so the last digits depend on the order of records.
  AVG(`x`) AS `avg_x`
FROM computed
GROUP BY TUMBLE(event_time_, INTERVAL '1' MINUTE), `k`;
==== early: kafka://b/events -t ts -W 5s --hopping 10m --every 1m -g k --count --early 10s -o postgresql://db/app --table rows
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
-- Names in ${} are variables of the environment: envsubst < FILE > FILE.filled
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';
SET 'table.exec.emit.early-fire.enabled' = 'true';
SET 'table.exec.emit.early-fire.delay' = '10 s';
-- DIFFERS (--table): a row whose key has a null is dropped.
SET 'table.exec.sink.not-null-enforcer' = 'DROP';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  -- So is one that is further ahead of the clock than --max-ahead.
  event_time_ AS CASE WHEN CAST(`ts` AS TIMESTAMP_LTZ(3)) <= CURRENT_TIMESTAMP + INTERVAL '1' HOUR THEN CAST(`ts` AS TIMESTAMP_LTZ(3)) ELSE TO_TIMESTAMP_LTZ(-62135596800000, 3) END,
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'kafka', 'topic' = 'events',
  'properties.bootstrap.servers' = 'b',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP(3),
  `window_end` TIMESTAMP(3),
  `count` BIGINT,
  PRIMARY KEY (`k`, `window_start`, `window_end`) NOT ENFORCED
) WITH (
  -- DIFFERS (--early): a row replaces the one before it; there is no column final or revision.
  'connector' = 'jdbc', 'url' = 'jdbc:postgresql://db/app',
  'table-name' = 'rows',
  -- DIFFERS (--table): times are written by the clock of the JVM, so run it with -Duser.timezone=UTC.
  'username' = '${PGUSER}', 'password' = '${PGPASSWORD}'
);

INSERT INTO results
SELECT
  `k`,
  HOP_START(event_time_, INTERVAL '1' MINUTE, INTERVAL '10' MINUTE) AS `window_start`,
  HOP_END(event_time_, INTERVAL '1' MINUTE, INTERVAL '10' MINUTE) AS `window_end`,
  COUNT(*) AS `count`
FROM computed
GROUP BY HOP(event_time_, INTERVAL '1' MINUTE, INTERVAL '10' MINUTE), `k`;
==== top: kafka://b/events -t ts -W 5s -w 1m -g k --count --sort -count --limit 3 -o postgresql://db/app --table top
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
-- Names in ${} are variables of the environment: envsubst < FILE > FILE.filled
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';
-- DIFFERS (--table): a row whose key has a null is dropped.
SET 'table.exec.sink.not-null-enforcer' = 'DROP';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  -- So is one that is further ahead of the clock than --max-ahead.
  event_time_ AS CASE WHEN CAST(`ts` AS TIMESTAMP_LTZ(3)) <= CURRENT_TIMESTAMP + INTERVAL '1' HOUR THEN CAST(`ts` AS TIMESTAMP_LTZ(3)) ELSE TO_TIMESTAMP_LTZ(-62135596800000, 3) END,
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'kafka', 'topic' = 'events',
  'properties.bootstrap.servers' = 'b',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT * FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW windows AS
SELECT
  `k`,
  window_start,
  window_end,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE computed, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `k`;

CREATE TEMPORARY VIEW ranked AS
SELECT * FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY `count` DESC, `k` ASC) AS `rank`
  FROM windows
) WHERE `rank` <= 3;

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP(3),
  `window_end` TIMESTAMP(3),
  `rank` BIGINT,
  `count` BIGINT,
  PRIMARY KEY (`window_start`, `rank`) NOT ENFORCED
) WITH (
  'connector' = 'jdbc', 'url' = 'jdbc:postgresql://db/app',
  'table-name' = 'top',
  -- DIFFERS (--table): times are written by the clock of the JVM, so run it with -Duser.timezone=UTC.
  'username' = '${PGUSER}', 'password' = '${PGPASSWORD}'
);

INSERT INTO results
SELECT
  `k`,
  window_start,
  window_end,
  `rank`,
  `count`
FROM ranked;
==== dedup_within: kafka://b/events -t ts -W 5s -w 1m -g k --count --dedup id --within 10m -o kafka://b/out
-- Made by streamctl --generate flink-sql, for Flink 2.
-- Run it with: sql-client.sh -f FILE, or set the options below with -D for another client.
SET 'table.local-time-zone' = 'UTC';
-- With more, the order of records, and with it which are late, depends on timing.
SET 'parallelism.default' = '1';
-- Late records are found one by one, as streamctl does.
SET 'pipeline.auto-watermark-interval' = '0';
-- DIFFERS (--within): keys are forgotten after this time by the clock, not by event time.
SET 'table.exec.state.ttl' = '600 s';

CREATE TABLE records (
  -- TIMESTAMP is a guess from --time: --types ts=TYPE
  `ts` TIMESTAMP_LTZ(6),
  -- STRING is a guess from --by: --types k=TYPE
  `k` STRING,
  -- STRING is a guess from nothing: --types id=TYPE
  `id` STRING,
  -- DIFFERS (--time): times are cut to milliseconds.
  -- DIFFERS (--time): only times in RFC 3339 that end in Z are read; for numbers, add --time-format s or ms.
  -- A record without a time is left out; Flink would end the job.
  -- So is one that is further ahead of the clock than --max-ahead.
  event_time_ AS CASE WHEN CAST(`ts` AS TIMESTAMP_LTZ(3)) <= CURRENT_TIMESTAMP + INTERVAL '1' HOUR THEN CAST(`ts` AS TIMESTAMP_LTZ(3)) ELSE TO_TIMESTAMP_LTZ(-62135596800000, 3) END,
  -- One millisecond more than --watermark: Flink closes a window at its last millisecond.
  WATERMARK FOR event_time_ AS event_time_ - INTERVAL '5.001' SECOND(2, 3)
) WITH (
  'connector' = 'kafka', 'topic' = 'events',
  'properties.bootstrap.servers' = 'b',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json',
  -- DIFFERS (INPUT): a value of another type is null, and lines that are not JSON are skipped without being counted.
  'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TEMPORARY VIEW computed AS
SELECT
  `ts`,
  `k`,
  `id`,
  event_time_,
  PROCTIME() AS `arrival_`
FROM records
WHERE event_time_ > TO_TIMESTAMP_LTZ(-62135596800000, 3);

CREATE TEMPORARY VIEW deduplicated AS
SELECT
  `ts`, `k`, `id`, event_time_
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY `id` ORDER BY arrival_ ASC) AS copy_ FROM computed
) WHERE copy_ = 1;

CREATE TABLE results (
  `k` STRING,
  `window_start` TIMESTAMP_LTZ(3),
  `window_end` TIMESTAMP_LTZ(3),
  `count` BIGINT
) WITH (
  'connector' = 'kafka', 'topic' = 'out',
  'properties.bootstrap.servers' = 'b',
  -- DIFFERS (--key): the key of a message is a JSON object.
  'key.format' = 'json', 'key.fields' = 'k',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO results
SELECT
  `k`,
  CAST(window_start AS TIMESTAMP_LTZ(3)) AS `window_start`,
  CAST(window_end AS TIMESTAMP_LTZ(3)) AS `window_end`,
  COUNT(*) AS `count`
FROM TABLE(TUMBLE(TABLE deduplicated, DESCRIPTOR(event_time_), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, `k`;
