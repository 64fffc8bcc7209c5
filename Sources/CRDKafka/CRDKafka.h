// librdkafka, loaded when it is first used.
#ifndef CRDKAFKA_H
#define CRDKAFKA_H

#include "../CLibrary/CLibrary.h"
#include "librdkafka.h"
#include "librdkafka_mock.h"

// The calls in use.
#define CRDKAFKA_CALLS(CALL) \
    CALL(rd_kafka_abort_transaction) \
    CALL(rd_kafka_begin_transaction) \
    CALL(rd_kafka_clusterid) \
    CALL(rd_kafka_commit_queue) \
    CALL(rd_kafka_commit_transaction) \
    CALL(rd_kafka_committed) \
    CALL(rd_kafka_conf_destroy) \
    CALL(rd_kafka_conf_new) \
    CALL(rd_kafka_conf_properties_show) \
    CALL(rd_kafka_conf_set) \
    CALL(rd_kafka_conf_set_dr_msg_cb) \
    CALL(rd_kafka_conf_set_error_cb) \
    CALL(rd_kafka_conf_set_log_cb) \
    CALL(rd_kafka_conf_set_opaque) \
    CALL(rd_kafka_consume_batch_queue) \
    CALL(rd_kafka_consumer_group_metadata_destroy) \
    CALL(rd_kafka_consumer_group_metadata_new) \
    CALL(rd_kafka_destroy_flags) \
    CALL(rd_kafka_err2name) \
    CALL(rd_kafka_err2str) \
    CALL(rd_kafka_error_code) \
    CALL(rd_kafka_error_destroy) \
    CALL(rd_kafka_error_is_fatal) \
    CALL(rd_kafka_error_is_retriable) \
    CALL(rd_kafka_error_string) \
    CALL(rd_kafka_error_txn_requires_abort) \
    CALL(rd_kafka_event_destroy) \
    CALL(rd_kafka_event_error) \
    CALL(rd_kafka_fatal_error) \
    CALL(rd_kafka_flush) \
    CALL(rd_kafka_get_watermark_offsets) \
    CALL(rd_kafka_group_list_destroy) \
    CALL(rd_kafka_header_get_all) \
    CALL(rd_kafka_incremental_assign) \
    CALL(rd_kafka_incremental_unassign) \
    CALL(rd_kafka_init_transactions) \
    CALL(rd_kafka_last_error) \
    CALL(rd_kafka_list_groups) \
    CALL(rd_kafka_mem_free) \
    CALL(rd_kafka_message_destroy) \
    CALL(rd_kafka_message_headers) \
    CALL(rd_kafka_message_timestamp) \
    CALL(rd_kafka_metadata) \
    CALL(rd_kafka_metadata_destroy) \
    CALL(rd_kafka_new) \
    CALL(rd_kafka_offsets_for_times) \
    CALL(rd_kafka_opaque) \
    CALL(rd_kafka_outq_len) \
    CALL(rd_kafka_poll) \
    CALL(rd_kafka_produce) \
    CALL(rd_kafka_produceva) \
    CALL(rd_kafka_queue_destroy) \
    CALL(rd_kafka_queue_forward) \
    CALL(rd_kafka_queue_get_consumer) \
    CALL(rd_kafka_queue_get_partition) \
    CALL(rd_kafka_queue_io_event_enable) \
    CALL(rd_kafka_queue_length) \
    CALL(rd_kafka_queue_new) \
    CALL(rd_kafka_queue_poll) \
    CALL(rd_kafka_seek_partitions) \
    CALL(rd_kafka_send_offsets_to_transaction) \
    CALL(rd_kafka_topic_destroy) \
    CALL(rd_kafka_topic_name) \
    CALL(rd_kafka_topic_new) \
    CALL(rd_kafka_topic_partition_list_add) \
    CALL(rd_kafka_topic_partition_list_destroy) \
    CALL(rd_kafka_topic_partition_list_new) \
    CALL(rd_kafka_version) \
    CALL(rd_kafka_version_str)

CLIBRARY(CRDKafkaCalls, CRDKafkaLoad, "librdkafka.so.1", CRDKAFKA_CALLS)

// Those of the mock cluster.
#define CRDKAFKA_MOCK_CALLS(CALL) \
    CALL(rd_kafka_mock_broker_error_stack_cnt) \
    CALL(rd_kafka_mock_broker_push_request_error_rtts) \
    CALL(rd_kafka_mock_broker_set_down) \
    CALL(rd_kafka_mock_broker_set_rtt) \
    CALL(rd_kafka_mock_broker_set_up) \
    CALL(rd_kafka_mock_clear_request_errors) \
    CALL(rd_kafka_mock_cluster_bootstraps) \
    CALL(rd_kafka_mock_cluster_new) \
    CALL(rd_kafka_mock_coordinator_set) \
    CALL(rd_kafka_mock_partition_set_follower_wmarks) \
    CALL(rd_kafka_mock_partition_set_leader) \
    CALL(rd_kafka_mock_push_request_errors_array) \
    CALL(rd_kafka_mock_topic_create) \
    CALL(rd_kafka_mock_topic_set_error)

CLIBRARY(CRDKafkaMockCalls, CRDKafkaMockLoad, "librdkafka.so.1", CRDKAFKA_MOCK_CALLS)

/// Adds an error to those that a broker answers with, and its delay. (Swift cannot call variadic functions.)
static inline rd_kafka_resp_err_t CRDKafkaMockPush(
    const CRDKafkaMockCalls *_Nonnull calls, rd_kafka_mock_cluster_t *_Nonnull cluster, int32_t broker, int16_t request,
    rd_kafka_resp_err_t error, int milliseconds) {
    return calls->rd_kafka_mock_broker_push_request_error_rtts(
        cluster, broker, request, 1, error, milliseconds);
}

#endif
