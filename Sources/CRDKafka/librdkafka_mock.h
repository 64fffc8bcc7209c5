// The part of librdkafka's mock cluster that streamctl-mock-kafka calls, as of librdkafka 2.0.2 (soname 1). Declared
// here and compared with the real header as librdkafka.h is.
#ifndef LIBRDKAFKA_MOCK_H
#define LIBRDKAFKA_MOCK_H

#include "librdkafka.h"

typedef struct rd_kafka_mock_cluster_s rd_kafka_mock_cluster_t;

rd_kafka_mock_cluster_t *rd_kafka_mock_cluster_new(rd_kafka_t *, int brokers);
const char *rd_kafka_mock_cluster_bootstraps(const rd_kafka_mock_cluster_t *);

// Errors that requests get: one after another, on any broker or, with a delay for each, on one.
void rd_kafka_mock_push_request_errors_array(
    rd_kafka_mock_cluster_t *, int16_t request, size_t count, const rd_kafka_resp_err_t *);
rd_kafka_resp_err_t rd_kafka_mock_broker_push_request_error_rtts(
    rd_kafka_mock_cluster_t *, int32_t broker, int16_t request, size_t count, ...);
rd_kafka_resp_err_t rd_kafka_mock_broker_error_stack_cnt(
    rd_kafka_mock_cluster_t *, int32_t broker, int16_t request, size_t *count);
void rd_kafka_mock_clear_request_errors(rd_kafka_mock_cluster_t *, int16_t request);

rd_kafka_resp_err_t rd_kafka_mock_broker_set_down(rd_kafka_mock_cluster_t *, int32_t broker);
rd_kafka_resp_err_t rd_kafka_mock_broker_set_up(rd_kafka_mock_cluster_t *, int32_t broker);
rd_kafka_resp_err_t rd_kafka_mock_broker_set_rtt(rd_kafka_mock_cluster_t *, int32_t broker, int milliseconds);
rd_kafka_resp_err_t rd_kafka_mock_coordinator_set(
    rd_kafka_mock_cluster_t *, const char *kind, const char *key, int32_t broker);

rd_kafka_resp_err_t rd_kafka_mock_topic_create(
    rd_kafka_mock_cluster_t *, const char *topic, int partitions, int replicas);
void rd_kafka_mock_topic_set_error(rd_kafka_mock_cluster_t *, const char *topic, rd_kafka_resp_err_t);
rd_kafka_resp_err_t rd_kafka_mock_partition_set_leader(
    rd_kafka_mock_cluster_t *, const char *topic, int32_t partition, int32_t broker);
rd_kafka_resp_err_t rd_kafka_mock_partition_set_follower_wmarks(
    rd_kafka_mock_cluster_t *, const char *topic, int32_t partition, int64_t low, int64_t high);

#endif
