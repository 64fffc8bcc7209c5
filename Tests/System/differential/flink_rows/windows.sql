-- Flink closes a window once watermark >= window_end - 1 ms: README.md explains the 5.001.
CREATE TABLE zeek (
  `ts` BIGINT, `id.orig_h` STRING, `id.orig_p` BIGINT, `id.resp_p` BIGINT, `version` STRING,
  et AS TO_TIMESTAMP_LTZ(`ts`, 3),
  WATERMARK FOR et AS et - INTERVAL '5.001' SECOND
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/input', 'format' = 'json');

CREATE TABLE tumbling_1s_version (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), k STRING,
  n BIGINT, total BIGINT, least BIGINT, greatest BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/tumbling_1s_version', 'format' = 'csv',
  'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'NULL');
INSERT INTO tumbling_1s_version SELECT window_start, window_end, `version`,
    COUNT(*), SUM(`id.orig_p`), MIN(`id.orig_p`), MAX(`id.orig_p`)
  FROM TABLE(TUMBLE(TABLE zeek, DESCRIPTOR(et), INTERVAL '1' SECOND))
  GROUP BY window_start, window_end, `version`;

CREATE TABLE tumbling_10s_port (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), k BIGINT,
  n BIGINT, total BIGINT, least BIGINT, greatest BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/tumbling_10s_port', 'format' = 'csv',
  'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'NULL');
INSERT INTO tumbling_10s_port SELECT window_start, window_end, `id.resp_p`,
    COUNT(*), SUM(`id.orig_p`), MIN(`id.orig_p`), MAX(`id.orig_p`)
  FROM TABLE(TUMBLE(TABLE zeek, DESCRIPTOR(et), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end, `id.resp_p`;

CREATE TABLE tumbling_1m_host (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), k STRING,
  n BIGINT, total BIGINT, least BIGINT, greatest BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/tumbling_1m_host', 'format' = 'csv',
  'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'NULL');
INSERT INTO tumbling_1m_host SELECT window_start, window_end, `id.orig_h`,
    COUNT(*), SUM(`id.orig_p`), MIN(`id.orig_p`), MAX(`id.orig_p`)
  FROM TABLE(TUMBLE(TABLE zeek, DESCRIPTOR(et), INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end, `id.orig_h`;

CREATE TABLE hopping_20s_5s_version (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), k STRING,
  n BIGINT, total BIGINT, least BIGINT, greatest BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/hopping_20s_5s_version', 'format' = 'csv',
  'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'NULL');
INSERT INTO hopping_20s_5s_version SELECT window_start, window_end, `version`,
    COUNT(*), SUM(`id.orig_p`), MIN(`id.orig_p`), MAX(`id.orig_p`)
  FROM TABLE(HOP(TABLE zeek, DESCRIPTOR(et), INTERVAL '5' SECOND, INTERVAL '20' SECOND))
  GROUP BY window_start, window_end, `version`;

CREATE TABLE hopping_1m_10s_port (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), k BIGINT,
  n BIGINT, total BIGINT, least BIGINT, greatest BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/hopping_1m_10s_port', 'format' = 'csv',
  'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'NULL');
INSERT INTO hopping_1m_10s_port SELECT window_start, window_end, `id.resp_p`,
    COUNT(*), SUM(`id.orig_p`), MIN(`id.orig_p`), MAX(`id.orig_p`)
  FROM TABLE(HOP(TABLE zeek, DESCRIPTOR(et), INTERVAL '10' SECOND, INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end, `id.resp_p`;

CREATE TABLE cumulative_1m_10s_version (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), k STRING,
  n BIGINT, total BIGINT, least BIGINT, greatest BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/cumulative_1m_10s_version', 'format' = 'csv',
  'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'NULL');
INSERT INTO cumulative_1m_10s_version SELECT window_start, window_end, `version`,
    COUNT(*), SUM(`id.orig_p`), MIN(`id.orig_p`), MAX(`id.orig_p`)
  FROM TABLE(CUMULATE(TABLE zeek, DESCRIPTOR(et), INTERVAL '10' SECOND, INTERVAL '1' MINUTE))
  GROUP BY window_start, window_end, `version`;

CREATE TABLE cumulative_2m_30s_port (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), k BIGINT,
  n BIGINT, total BIGINT, least BIGINT, greatest BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/cumulative_2m_30s_port', 'format' = 'csv',
  'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'NULL');
INSERT INTO cumulative_2m_30s_port SELECT window_start, window_end, `id.resp_p`,
    COUNT(*), SUM(`id.orig_p`), MIN(`id.orig_p`), MAX(`id.orig_p`)
  FROM TABLE(CUMULATE(TABLE zeek, DESCRIPTOR(et), INTERVAL '30' SECOND, INTERVAL '2' MINUTE))
  GROUP BY window_start, window_end, `id.resp_p`;

CREATE TABLE session_4s_host (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), k STRING,
  n BIGINT, total BIGINT, least BIGINT, greatest BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/session_4s_host', 'format' = 'csv',
  'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'NULL');
INSERT INTO session_4s_host SELECT window_start, window_end, `id.orig_h`,
    COUNT(*), SUM(`id.orig_p`), MIN(`id.orig_p`), MAX(`id.orig_p`)
  FROM TABLE(SESSION(TABLE zeek PARTITION BY `id.orig_h`, DESCRIPTOR(et), INTERVAL '4' SECOND))
  GROUP BY window_start, window_end, `id.orig_h`;

CREATE TABLE session_500ms_version (
  window_start TIMESTAMP(3), window_end TIMESTAMP(3), k STRING,
  n BIGINT, total BIGINT, least BIGINT, greatest BIGINT
) WITH ('connector' = 'filesystem', 'path' = 'file://${FOLDER}/session_500ms_version', 'format' = 'csv',
  'csv.field-delimiter' = '\t', 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'NULL');
INSERT INTO session_500ms_version SELECT window_start, window_end, `version`,
    COUNT(*), SUM(`id.orig_p`), MIN(`id.orig_p`), MAX(`id.orig_p`)
  FROM TABLE(SESSION(TABLE zeek PARTITION BY `version`, DESCRIPTOR(et), INTERVAL '0.500' SECOND))
  GROUP BY window_start, window_end, `version`;

