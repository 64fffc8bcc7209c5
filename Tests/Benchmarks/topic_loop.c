// A bare consume loop over librdkafka: the pace that reading a topic is measured against. Every partition is assigned
// from its beginning; each message is looked at (its length and first byte) and given back; the loop ends when all
// partitions have said that they are at their end. Prints the number of messages and of bytes.
//
//   topic_loop read BROKERS TOPIC [PROPERTY=VALUE...]
//   topic_loop write BROKERS TOPIC PARTITIONS [PROPERTY=VALUE...]     lines of standard input, partitions in turns
//   topic_loop write-sized BROKERS TOPIC PARTITIONS [PROPERTY=VALUE...]     the same for messages behind their sizes,
//                                                                           four bytes each, lowest first
//   topic_loop create BROKERS TOPIC PARTITIONS
//   topic_loop delete BROKERS TOPIC
#define _GNU_SOURCE
#include <librdkafka/rdkafka.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HANDFUL = 1024,
    // A call for a handful waits for all of it, or for so long: the last messages of a topic do.
    PATIENCE = 10,
};

static void fail(const char *what, const char *why) {
    fprintf(stderr, "topic_loop: %s: %s\n", what, why);
    exit(1);
}

static rd_kafka_conf_t *settings(const char *brokers, char **options, int count) {
    rd_kafka_conf_t *settings = rd_kafka_conf_new();
    char why[512];
    if (rd_kafka_conf_set(settings, "bootstrap.servers", brokers, why, sizeof why) != RD_KAFKA_CONF_OK)
        fail(brokers, why);
    for (int i = 0; i < count; i++) {
        char *value = strchr(options[i], '=');
        if (!value) fail(options[i], "not PROPERTY=VALUE");
        *value++ = 0;
        if (rd_kafka_conf_set(settings, options[i], value, why, sizeof why) != RD_KAFKA_CONF_OK) fail(options[i], why);
    }
    return settings;
}

static rd_kafka_t *client(rd_kafka_type_t type, rd_kafka_conf_t *settings) {
    char why[512];
    rd_kafka_t *client = rd_kafka_new(type, settings, why, sizeof why);
    if (!client) fail("librdkafka", why);
    return client;
}

// Reading

/// Assigns all partitions of the topic from the beginning; returns how many there are.
static int assign_all(rd_kafka_t *consumer, const char *name) {
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer, name, NULL);
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t error = rd_kafka_metadata(consumer, 0, topic, &metadata, 10000);
    if (error) fail(name, rd_kafka_err2str(error));
    int count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    if (count == 0) fail(name, "no partitions");
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, name, metadata->topics[0].partitions[i].id)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
    error = rd_kafka_assign(consumer, list);
    if (error) fail(name, rd_kafka_err2str(error));
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(topic);
    return count;
}

static void read_all(const char *brokers, const char *topic, char **options, int count) {
    static char group[] = "group.id=topic_loop", end[] = "enable.partition.eof=true",
                commit[] = "enable.auto.commit=false", store[] = "enable.auto.offset.store=false";
    char *all[4 + count];
    memcpy(all, (char *[]){group, end, commit, store}, 4 * sizeof *all);
    if (count > 0) memcpy(all + 4, options, count * sizeof *all);
    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, settings(brokers, all, 4 + count));
    int open = assign_all(consumer, topic);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    rd_kafka_message_t *messages[HANDFUL];
    uint64_t records = 0, bytes = 0, sum = 0;
    while (open > 0) {
        ssize_t got = rd_kafka_consume_batch_queue(queue, PATIENCE, messages, HANDFUL);
        for (ssize_t i = 0; i < got; i++) {
            rd_kafka_message_t *message = messages[i];
            if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                open--;
            } else if (message->err) {
                fail(topic, rd_kafka_message_errstr(message));
            } else {
                records++;
                bytes += message->len;
                sum += message->len > 0 ? *(const uint8_t *)message->payload : 0;
            }
            rd_kafka_message_destroy(message);
        }
    }
    printf("%lu records, %lu bytes, sum of first bytes %lu\n", records, bytes, sum);
    fflush(stdout);
    // As streamctl does: nobody waits for the client to be taken apart.
    _Exit(0);
}

// Writing

static void check_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer;
    (void)opaque;
    if (message->err) fail("not written", rd_kafka_err2str(message->err));
}

/// The next line without its end, or the next message behind its size; -1 at the end.
static ssize_t next_message(char **message, size_t *room, int is_sized) {
    if (!is_sized) {
        ssize_t length = getline(message, room, stdin);
        return length > 0 && (*message)[length - 1] == '\n' ? length - 1 : length;
    }
    unsigned char size[4];
    if (fread(size, 1, sizeof size, stdin) != sizeof size) return -1;
    size_t length = size[0] | size[1] << 8 | size[2] << 16 | (size_t)size[3] << 24;
    if (length > *room) *message = realloc(*message, *room = length);
    if (!*message || fread(*message, 1, length, stdin) != length) fail("standard input", "it ends inside a message");
    return (ssize_t)length;
}

static void write_all(
    const char *brokers, const char *name, int partitions, char **options, int count, int is_sized) {
    // Record sets of a thousand messages, as a busy producer makes them.
    static char number[] = "batch.num.messages=1000", linger[] = "linger.ms=10000";
    char *all[2 + count];
    memcpy(all, (char *[]){number, linger}, 2 * sizeof *all);
    if (count > 0) memcpy(all + 2, options, count * sizeof *all);
    rd_kafka_conf_t *chosen = settings(brokers, all, 2 + count);
    rd_kafka_conf_set_dr_msg_cb(chosen, check_delivery);
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, chosen);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, name, NULL);
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    for (int32_t turn = 0; (length = next_message(&line, &room, is_sized)) >= 0; turn = (turn + 1) % partitions) {
        while (rd_kafka_produce(topic, turn, RD_KAFKA_MSG_F_COPY, line, length, NULL, 0, NULL) != 0) {
            rd_kafka_resp_err_t error = rd_kafka_last_error();
            if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(name, rd_kafka_err2str(error));
            rd_kafka_poll(producer, 100);
        }
        rd_kafka_poll(producer, 0);
    }
    rd_kafka_resp_err_t error = rd_kafka_flush(producer, 60000);
    if (error) fail(name, rd_kafka_err2str(error));
    free(line);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(producer);
}

// Making and deleting

/// Makes the topic with so many partitions, or deletes it where that is 0, and waits until it is done.
static void make_or_delete(const char *brokers, const char *name, int partitions) {
    rd_kafka_t *admin = client(RD_KAFKA_PRODUCER, settings(brokers, NULL, 0));
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin);
    char why[512] = "";
    if (partitions > 0) {
        rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(name, partitions, 1, why, sizeof why);
        if (!topic) fail(name, why);
        rd_kafka_CreateTopics(admin, &topic, 1, NULL, queue);
    } else {
        rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name);
        rd_kafka_DeleteTopics(admin, &topic, 1, NULL, queue);
    }
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 60000);
    if (!event) fail(name, "no answer");
    if (rd_kafka_event_error(event)) fail(name, rd_kafka_event_error_string(event));
    size_t count = 0;
    const rd_kafka_topic_result_t **results =
        partitions > 0 ? rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
                       : rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
    if (count != 1 || rd_kafka_topic_result_error(results[0]))
        fail(name, count == 1 ? rd_kafka_err2str(rd_kafka_topic_result_error(results[0])) : "no result");
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(admin);
}

int main(int count, char **arguments) {
    if (count >= 4 && strcmp(arguments[1], "read") == 0) {
        read_all(arguments[2], arguments[3], arguments + 4, count - 4);
    } else if (count >= 5 && strncmp(arguments[1], "write", 5) == 0 && atoi(arguments[4]) > 0) {
        write_all(
            arguments[2], arguments[3], atoi(arguments[4]), arguments + 5, count - 5,
            strcmp(arguments[1], "write-sized") == 0);
    } else if (count == 5 && strcmp(arguments[1], "create") == 0 && atoi(arguments[4]) > 0) {
        make_or_delete(arguments[2], arguments[3], atoi(arguments[4]));
    } else if (count == 4 && strcmp(arguments[1], "delete") == 0) {
        make_or_delete(arguments[2], arguments[3], 0);
    } else {
        fail("use", "topic_loop read|write|write-sized|create|delete BROKERS TOPIC ...");
    }
    return 0;
}
