// libcurl, loaded when it is first used.
#ifndef CCURL_H
#define CCURL_H

#include "../CLibrary/CLibrary.h"
#include "libcurl.h"

// The calls in use.
#define CCURL_CALLS(CALL) \
    CALL(curl_easy_cleanup) \
    CALL(curl_easy_getinfo) \
    CALL(curl_easy_init) \
    CALL(curl_easy_setopt) \
    CALL(curl_easy_strerror) \
    CALL(curl_global_init) \
    CALL(curl_multi_add_handle) \
    CALL(curl_multi_cleanup) \
    CALL(curl_multi_info_read) \
    CALL(curl_multi_init) \
    CALL(curl_multi_perform) \
    CALL(curl_multi_remove_handle) \
    CALL(curl_multi_wait) \
    CALL(curl_slist_append) \
    CALL(curl_slist_free_all)

CLIBRARY(CCurlCalls, CCurlLoad, "libcurl.so.4", CCURL_CALLS)

// Swift cannot call variadic functions.

/// Receives a part of the answer and returns its size; anything else ends the request.
typedef size_t (*CCurlReceiver)(char *_Nullable bytes, size_t size, size_t count, void *_Nullable object);

static inline CURLcode CCurlSetNumber(
    const CCurlCalls *_Nonnull calls, CURL *_Nonnull handle, CURLoption option, long value) {
    return calls->curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurlSetText(
    const CCurlCalls *_Nonnull calls, CURL *_Nonnull handle, CURLoption option, const char *_Nonnull value) {
    return calls->curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurlSetHeaders(
    const CCurlCalls *_Nonnull calls, CURL *_Nonnull handle, struct curl_slist *_Nullable headers) {
    return calls->curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}

/// Where the reasons of errors go, up to CURL_ERROR_SIZE bytes.
static inline void CCurlSetErrorText(
    const CCurlCalls *_Nonnull calls, CURL *_Nonnull handle, char *_Nonnull text) {
    calls->curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, text);
}

static inline void CCurlSetReceiver(
    const CCurlCalls *_Nonnull calls, CURL *_Nonnull handle, CCurlReceiver _Nonnull receive, void *_Nonnull object) {
    calls->curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    calls->curl_easy_setopt(handle, CURLOPT_WRITEDATA, object);
}

/// What has become of the only request; CURLE_OUT_OF_MEMORY if nothing is known of it.
static inline CURLcode CCurlOutcome(const CCurlCalls *_Nonnull calls, CURLM *_Nonnull requests) {
    int left = 0;
    const CURLMsg *message;
    while ((message = calls->curl_multi_info_read(requests, &left)) != NULL)
        if (message->msg == CURLMSG_DONE) return message->data.result;
    return CURLE_OUT_OF_MEMORY;
}

static inline long CCurlStatus(const CCurlCalls *_Nonnull calls, CURL *_Nonnull handle) {
    long status = 0;
    calls->curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

#endif
