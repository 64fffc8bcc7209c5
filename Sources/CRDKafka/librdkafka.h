// The part of librdkafka's interface that streamctl calls, as of librdkafka 2.0.2 (soname 1).
//
// Declared here because librdkafka is loaded at run time: a build needs neither the library nor its headers. A test
// compares every declaration with the real header where that is installed. It reads this file: one field a line, and
// every constant with its value.
#ifndef LIBRDKAFKA_H
#define LIBRDKAFKA_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

typedef struct rd_kafka_s rd_kafka_t;
typedef struct rd_kafka_conf_s rd_kafka_conf_t;
typedef struct rd_kafka_topic_s rd_kafka_topic_t;
typedef struct rd_kafka_topic_conf_s rd_kafka_topic_conf_t;
typedef struct rd_kafka_queue_s rd_kafka_queue_t;
typedef struct rd_kafka_op_s rd_kafka_event_t;
typedef struct rd_kafka_error_s rd_kafka_error_t;
typedef struct rd_kafka_headers_s rd_kafka_headers_t;
typedef struct rd_kafka_consumer_group_metadata_s rd_kafka_consumer_group_metadata_t;

typedef enum rd_kafka_type_t {
    RD_KAFKA_PRODUCER = 0,
    RD_KAFKA_CONSUMER = 1,
} rd_kafka_type_t;

typedef enum {
    RD_KAFKA_CONF_UNKNOWN = -2,
    RD_KAFKA_CONF_OK = 0,
} rd_kafka_conf_res_t;

typedef enum rd_kafka_timestamp_type_t {
    RD_KAFKA_TIMESTAMP_NOT_AVAILABLE = 0,
} rd_kafka_timestamp_type_t;

// Errors: those of the client are negative, those of brokers positive.
typedef enum {
    RD_KAFKA_RESP_ERR__BAD_MSG = -199,
    RD_KAFKA_RESP_ERR__BAD_COMPRESSION = -198,
    RD_KAFKA_RESP_ERR__TRANSPORT = -195,
    RD_KAFKA_RESP_ERR__RESOLVE = -193,
    RD_KAFKA_RESP_ERR__PARTITION_EOF = -191,
    RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION = -190,
    RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC = -188,
    RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN = -187,
    RD_KAFKA_RESP_ERR__TIMED_OUT = -185,
    RD_KAFKA_RESP_ERR__QUEUE_FULL = -184,
    RD_KAFKA_RESP_ERR__SSL = -181,
    RD_KAFKA_RESP_ERR__WAIT_COORD = -180,
    RD_KAFKA_RESP_ERR__AUTHENTICATION = -169,
    RD_KAFKA_RESP_ERR__NO_OFFSET = -168,
    RD_KAFKA_RESP_ERR__WAIT_CACHE = -164,
    RD_KAFKA_RESP_ERR__RETRY = -153,
    RD_KAFKA_RESP_ERR__PURGE_QUEUE = -152,
    RD_KAFKA_RESP_ERR__PURGE_INFLIGHT = -151,
    RD_KAFKA_RESP_ERR__FATAL = -150,
    RD_KAFKA_RESP_ERR__FENCED = -144,
    RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET = -140,
    RD_KAFKA_RESP_ERR_NO_ERROR = 0,
    RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE = 1,
    RD_KAFKA_RESP_ERR_INVALID_MSG = 2,
    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART = 3,
    RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE = 4,
    RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE = 5,
    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION = 6,
    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT = 7,
    RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE = 8,
    RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE = 10,
    RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION = 13,
    RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS = 14,
    RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE = 15,
    RD_KAFKA_RESP_ERR_NOT_COORDINATOR = 16,
    RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION = 17,
    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED = 29,
    RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED = 30,
    RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED = 31,
    RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH = 47,
    RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53,
    RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE = 78,
    RD_KAFKA_RESP_ERR_INVALID_RECORD = 87,
    RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT = 88,
    RD_KAFKA_RESP_ERR_PRODUCER_FENCED = 90,
} rd_kafka_resp_err_t;

#define RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE 0x8
#define RD_KAFKA_MSG_F_COPY 0x2

typedef struct rd_kafka_message_s {
    rd_kafka_resp_err_t err;
    rd_kafka_topic_t *rkt;
    int32_t partition;
    void *payload;
    size_t len;
    void *key;
    size_t key_len;
    int64_t offset;
    void *_private;
} rd_kafka_message_t;

typedef struct rd_kafka_topic_partition_s {
    char *topic;
    int32_t partition;
    int64_t offset;
    void *metadata;
    size_t metadata_size;
    void *opaque;
    rd_kafka_resp_err_t err;
    void *_private;
} rd_kafka_topic_partition_t;

typedef struct rd_kafka_topic_partition_list_s {
    int cnt;
    int size;
    rd_kafka_topic_partition_t *elems;
} rd_kafka_topic_partition_list_t;

typedef struct rd_kafka_metadata_broker {
    int32_t id;
    char *host;
    int port;
} rd_kafka_metadata_broker_t;

typedef struct rd_kafka_metadata_partition {
    int32_t id;
    rd_kafka_resp_err_t err;
    int32_t leader;
    int replica_cnt;
    int32_t *replicas;
    int isr_cnt;
    int32_t *isrs;
} rd_kafka_metadata_partition_t;

typedef struct rd_kafka_metadata_topic {
    char *topic;
    int partition_cnt;
    struct rd_kafka_metadata_partition *partitions;
    rd_kafka_resp_err_t err;
} rd_kafka_metadata_topic_t;

typedef struct rd_kafka_metadata {
    int broker_cnt;
    struct rd_kafka_metadata_broker *brokers;
    int topic_cnt;
    struct rd_kafka_metadata_topic *topics;
    int32_t orig_broker_id;
    char *orig_broker_name;
} rd_kafka_metadata_t;

struct rd_kafka_group_member_info {
    char *member_id;
    char *client_id;
    char *client_host;
    void *member_metadata;
    int member_metadata_size;
    void *member_assignment;
    int member_assignment_size;
};

struct rd_kafka_group_info {
    struct rd_kafka_metadata_broker broker;
    char *group;
    rd_kafka_resp_err_t err;
    char *state;
    char *protocol_type;
    char *protocol;
    struct rd_kafka_group_member_info *members;
    int member_cnt;
};

struct rd_kafka_group_list {
    struct rd_kafka_group_info *groups;
    int group_cnt;
};

// Settings.
rd_kafka_conf_t *rd_kafka_conf_new(void);
void rd_kafka_conf_destroy(rd_kafka_conf_t *);
rd_kafka_conf_res_t rd_kafka_conf_set(
    rd_kafka_conf_t *, const char *name, const char *value, char *error, size_t error_size);
void rd_kafka_conf_properties_show(FILE *);
void rd_kafka_conf_set_opaque(rd_kafka_conf_t *, void *opaque);
void rd_kafka_conf_set_dr_msg_cb(
    rd_kafka_conf_t *, void (*callback)(rd_kafka_t *, const rd_kafka_message_t *, void *opaque));
void rd_kafka_conf_set_error_cb(
    rd_kafka_conf_t *, void (*callback)(rd_kafka_t *, int error, const char *reason, void *opaque));
void rd_kafka_conf_set_log_cb(
    rd_kafka_conf_t *, void (*callback)(const rd_kafka_t *, int level, const char *facility, const char *text));

// Clients. Timeouts are in milliseconds.
rd_kafka_t *rd_kafka_new(rd_kafka_type_t, rd_kafka_conf_t *, char *error, size_t error_size);
void rd_kafka_destroy_flags(rd_kafka_t *, int flags);
int rd_kafka_poll(rd_kafka_t *, int timeout);
int rd_kafka_outq_len(rd_kafka_t *);
char *rd_kafka_clusterid(rd_kafka_t *, int timeout);
void rd_kafka_mem_free(rd_kafka_t *, void *);

// Errors.
rd_kafka_resp_err_t rd_kafka_last_error(void);
const char *rd_kafka_err2name(rd_kafka_resp_err_t);
const char *rd_kafka_err2str(rd_kafka_resp_err_t);
rd_kafka_resp_err_t rd_kafka_fatal_error(rd_kafka_t *, char *error, size_t error_size);
rd_kafka_resp_err_t rd_kafka_error_code(const rd_kafka_error_t *);
const char *rd_kafka_error_string(const rd_kafka_error_t *);
int rd_kafka_error_is_fatal(const rd_kafka_error_t *);
int rd_kafka_error_is_retriable(const rd_kafka_error_t *);
int rd_kafka_error_txn_requires_abort(const rd_kafka_error_t *);
void rd_kafka_error_destroy(rd_kafka_error_t *);

// Topics and partitions.
rd_kafka_topic_t *rd_kafka_topic_new(rd_kafka_t *, const char *name, rd_kafka_topic_conf_t *);
const char *rd_kafka_topic_name(const rd_kafka_topic_t *);
int rd_kafka_version(void);
const char *rd_kafka_version_str(void);
void *rd_kafka_opaque(const rd_kafka_t *);
void rd_kafka_topic_destroy(rd_kafka_topic_t *);
rd_kafka_resp_err_t rd_kafka_metadata(
    rd_kafka_t *, int all_topics, rd_kafka_topic_t *only, const struct rd_kafka_metadata **, int timeout);
void rd_kafka_metadata_destroy(const struct rd_kafka_metadata *);
rd_kafka_topic_partition_list_t *rd_kafka_topic_partition_list_new(int size);
rd_kafka_topic_partition_t *rd_kafka_topic_partition_list_add(
    rd_kafka_topic_partition_list_t *, const char *topic, int32_t partition);
void rd_kafka_topic_partition_list_destroy(rd_kafka_topic_partition_list_t *);

// Groups.
rd_kafka_resp_err_t rd_kafka_list_groups(
    rd_kafka_t *, const char *group, const struct rd_kafka_group_list **, int timeout);
void rd_kafka_group_list_destroy(const struct rd_kafka_group_list *);

// Offsets.
rd_kafka_resp_err_t rd_kafka_offsets_for_times(rd_kafka_t *, rd_kafka_topic_partition_list_t *, int timeout);
rd_kafka_resp_err_t rd_kafka_get_watermark_offsets(
    rd_kafka_t *, const char *topic, int32_t partition, int64_t *low, int64_t *high);
rd_kafka_resp_err_t rd_kafka_committed(rd_kafka_t *, rd_kafka_topic_partition_list_t *, int timeout);
rd_kafka_resp_err_t rd_kafka_commit_queue(
    rd_kafka_t *, const rd_kafka_topic_partition_list_t *, rd_kafka_queue_t *,
    void (*callback)(rd_kafka_t *, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t *, void *opaque), void *opaque);

// Queues and events.
rd_kafka_queue_t *rd_kafka_queue_new(rd_kafka_t *);
rd_kafka_queue_t *rd_kafka_queue_get_consumer(rd_kafka_t *);
rd_kafka_queue_t *rd_kafka_queue_get_partition(rd_kafka_t *, const char *topic, int32_t partition);
void rd_kafka_queue_forward(rd_kafka_queue_t *from, rd_kafka_queue_t *to);
void rd_kafka_queue_io_event_enable(rd_kafka_queue_t *, int descriptor, const void *bytes, size_t count);
size_t rd_kafka_queue_length(rd_kafka_queue_t *);
rd_kafka_event_t *rd_kafka_queue_poll(rd_kafka_queue_t *, int timeout);
void rd_kafka_queue_destroy(rd_kafka_queue_t *);
rd_kafka_resp_err_t rd_kafka_event_error(rd_kafka_event_t *);
void rd_kafka_event_destroy(rd_kafka_event_t *);

// Consuming.
rd_kafka_error_t *rd_kafka_incremental_assign(rd_kafka_t *, const rd_kafka_topic_partition_list_t *);
rd_kafka_error_t *rd_kafka_incremental_unassign(rd_kafka_t *, const rd_kafka_topic_partition_list_t *);
rd_kafka_error_t *rd_kafka_seek_partitions(rd_kafka_t *, rd_kafka_topic_partition_list_t *, int timeout);
ssize_t rd_kafka_consume_batch_queue(rd_kafka_queue_t *, int timeout, rd_kafka_message_t **, size_t count);
int64_t rd_kafka_message_timestamp(const rd_kafka_message_t *, rd_kafka_timestamp_type_t *);
void rd_kafka_message_destroy(rd_kafka_message_t *);
rd_kafka_resp_err_t rd_kafka_message_headers(const rd_kafka_message_t *, rd_kafka_headers_t **);
rd_kafka_resp_err_t rd_kafka_header_get_all(
    const rd_kafka_headers_t *, size_t index, const char **name, const void **value, size_t *size);

// Producing.
int rd_kafka_produce(
    rd_kafka_topic_t *, int32_t partition, int flags, void *payload, size_t size, const void *key, size_t key_size,
    void *opaque);
typedef enum rd_kafka_vtype_t {
  RD_KAFKA_VTYPE_RKT = 2,
  RD_KAFKA_VTYPE_VALUE = 4,
  RD_KAFKA_VTYPE_KEY = 5,
  RD_KAFKA_VTYPE_OPAQUE = 6,
  RD_KAFKA_VTYPE_MSGFLAGS = 7,
  RD_KAFKA_VTYPE_HEADER = 9
} rd_kafka_vtype_t;
typedef struct rd_kafka_vu_s {
  rd_kafka_vtype_t vtype;
  union {
    rd_kafka_topic_t *rkt;
    int i;
    struct {
      void *ptr;
      size_t size;
    } mem;
    struct {
      const char *name;
      const void *val;
      ssize_t size;
    } header;
    void *ptr;
    char _pad[64];
  } u;
} rd_kafka_vu_t;
rd_kafka_error_t *rd_kafka_produceva(rd_kafka_t *, const rd_kafka_vu_t *, size_t count);
rd_kafka_resp_err_t rd_kafka_flush(rd_kafka_t *, int timeout);

// Transactions.
rd_kafka_consumer_group_metadata_t *rd_kafka_consumer_group_metadata_new(const char *group);
void rd_kafka_consumer_group_metadata_destroy(rd_kafka_consumer_group_metadata_t *);
rd_kafka_error_t *rd_kafka_init_transactions(rd_kafka_t *, int timeout);
rd_kafka_error_t *rd_kafka_begin_transaction(rd_kafka_t *);
rd_kafka_error_t *rd_kafka_send_offsets_to_transaction(
    rd_kafka_t *, const rd_kafka_topic_partition_list_t *, const rd_kafka_consumer_group_metadata_t *, int timeout);
rd_kafka_error_t *rd_kafka_commit_transaction(rd_kafka_t *, int timeout);
rd_kafka_error_t *rd_kafka_abort_transaction(rd_kafka_t *, int timeout);

#endif
