// The seed job with every choice fixed beforehand: the pace that streamctl is measured against. One thread, one layout:
//
//   {"sensor_id":"sensor_0439","temperature":14.14,"humidity":52.18,"event_time":"2026-01-01T00:00:00.000Z"}
//
// Count, average, least and greatest temperature by sensor and hour. Lines of another layout end it with an error;
// values are believed. For little-endian machines.   hot_loop FILE
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 256 << 10, LONGEST_LINE = 256, SLOTS = 1 << 16 };

struct group {
    uint64_t key[2];  // up to 16 bytes, zeros behind them
    int64_t hour;
    int64_t count;
    double sum, least, greatest;
};

static struct group groups[SLOTS];
static int64_t records;
static int64_t latest = INT64_MIN;

static void fail(const char *why) {
    fprintf(stderr, "hot_loop: %s\n", why);
    exit(1);
}

static uint64_t load(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static uint64_t repeat(uint8_t byte) { return byte * 0x0101010101010101ull; }

/// The number of bytes before the first one that is `byte`; 8 when there is none.
static int before(uint64_t word, uint8_t byte) {
    uint64_t rest = word ^ repeat(byte);
    uint64_t zeros = (rest - repeat(1)) & ~rest & repeat(0x80);
    return zeros ? __builtin_ctzll(zeros) / 8 : 8;
}

/// The lowest `count` bytes, 0 to 8 of them.
static uint64_t low(uint64_t word, int count) { return count < 8 ? word & ((1ull << 8 * count) - 1) : word; }

/// Eight decimal digits, the first in the lowest byte; a zero byte counts as the digit 0.
static uint64_t eight_digits(uint64_t text) {
    uint64_t pairs = (text & repeat(0x0f)) * (10 * 256 + 1) >> 8;
    uint64_t fours = (pairs & 0x00ff00ff00ff00ff) * (100 * 65536 + 1) >> 16;
    return (fours & 0x0000ffff0000ffff) * (10000 * (1ull << 32) + 1) >> 32;
}

/// A decimal number of at most seven characters behind its sign, and a comma. Moves `at` to the comma.
static double number(const char **at) {
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    double sign = 1;
    if (**at == '-') {
        sign = -1;
        *at += 1;
    }
    uint64_t word = load(*at);
    int length = before(word, ',');
    if (length == 8) fail("a longer number than expected");
    *at += length;
    word = low(word, length);
    int whole = before(word, '.');
    int fraction = whole < length ? length - whole - 1 : 0;
    int digits = whole < length ? length - 1 : length;
    // The digits on both sides of the point, moved together and then up to the end of the word.
    uint64_t together = low(word, whole) | (whole < length ? (word >> 8) & ~low(~0ull, whole) : 0);
    return sign * (double)eight_digits(together << 8 * (8 - digits)) / powers[fraction];
}

static int two(const char *at) { return (at[0] - '0') * 10 + (at[1] - '0'); }

/// Days from 1970-01-01 to a date of the form 2026-01-01.
static int64_t day_number(const char *date) {
    int64_t year = two(date) * 100 + two(date + 2), month = two(date + 5), day = two(date + 8);
    // Years begin in March here, so that the leap day is the last one.
    year -= month <= 2;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719468;
}

/// Milliseconds since 1970 of a time of the form 2026-01-01T00:00:00.000Z. The date is nearly always the one before.
static int64_t milliseconds(const char *time) {
    static char date[10];
    static int64_t days;
    if (memcmp(time, date, sizeof date) != 0) {
        memcpy(date, time, sizeof date);
        days = day_number(time);
    }
    int64_t seconds = days * 86400 + two(time + 11) * 3600 + two(time + 14) * 60 + two(time + 17);
    return seconds * 1000 + (time[20] - '0') * 100 + two(time + 21);
}

static struct group *find(const uint64_t key[2], int64_t hour) {
    uint64_t hash = (key[0] ^ key[1] * 0x9e3779b97f4a7c15 ^ (uint64_t)hour << 40) * 0xd6e8feb86659fd93;
    for (uint64_t probe = 0, slot = hash >> 48; probe < SLOTS; probe++, slot = (slot + 1) % SLOTS) {
        struct group *group = &groups[slot];
        if (group->key[0] == key[0] && group->key[1] == key[1] && group->hour == hour && group->count > 0) return group;
        if (group->count == 0) {
            *group = (struct group){.key = {key[0], key[1]}, .hour = hour, .least = 1e300, .greatest = -1e300};
            return group;
        }
    }
    fail("too many groups");
    return NULL;
}

static const char *expect(const char *at, const char *text, size_t length) {
    if (memcmp(at, text, length) != 0) fail("not the layout of the seed job");
    return at + length;
}
#define EXPECT(text) (at = expect(at, text, sizeof text - 1))

/// One line; returns the beginning of the next one. At least LONGEST_LINE bytes can be read.
static const char *line(const char *at) {
    EXPECT("{\"sensor_id\":\"");
    uint64_t key[2] = {load(at), load(at + 8)};
    int length = before(key[0], '"');
    if (length == 8) length += before(key[1], '"');
    key[0] = low(key[0], length < 8 ? length : 8);
    key[1] = low(key[1], length < 8 ? 0 : length - 8);
    at += length;
    EXPECT("\",\"temperature\":");
    double temperature = number(&at);
    EXPECT(",\"humidity\":");
    at += before(load(at), ',');
    EXPECT(",\"event_time\":\"");
    int64_t time = milliseconds(at);
    at += 24;
    EXPECT("\"}\n");

    struct group *group = find(key, time / 3600000);
    group->count++;
    group->sum += temperature;
    group->least = temperature < group->least ? temperature : group->least;
    group->greatest = temperature > group->greatest ? temperature : group->greatest;
    latest = time > latest ? time : latest;
    records++;
    return at;
}

static void read_all(int file) {
    // A line that a block cuts goes before the next block; behind the end there is room for loads of 16 bytes.
    static char buffer[LONGEST_LINE + BLOCK + LONGEST_LINE];
    size_t kept = 0;
    for (;;) {
        char *begin = buffer + LONGEST_LINE - kept;
        ssize_t got = read(file, buffer + LONGEST_LINE, BLOCK);
        if (got < 0) fail("cannot read");
        if (got == 0) break;
        const char *at = begin, *end = buffer + LONGEST_LINE + got, *last = memrchr(begin, '\n', end - begin);
        while (last && at <= last) at = line(at);
        kept = end - at;
        if (kept > LONGEST_LINE) fail("a longer line than expected");
        memcpy(buffer + LONGEST_LINE - kept, at, kept);
    }
    if (kept > 0) fail("the last line has no end");
}

int main(int count, char **arguments) {
    int file = count == 2 ? open(arguments[1], O_RDONLY) : -1;
    if (file < 0) fail("cannot open; use: hot_loop FILE");
    read_all(file);
    int rows = 0;
    for (const struct group *group = groups; group < groups + SLOTS; group++) {
        if (group->count == 0) continue;
        rows++;
        printf("{\"sensor_id\":\"%.16s\",\"hour\":%ld,\"count\":%ld,\"avg\":%.9f,\"min\":%.2f,\"max\":%.2f}\n",
               (const char *)group->key, (long)group->hour, (long)group->count, group->sum / group->count, group->least,
               group->greatest);
    }
    fprintf(stderr, "%d rows, %ld records, up to %ld ms\n", rows, (long)records, (long)latest);
    return 0;
}
