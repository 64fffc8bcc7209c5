// The part of libcurl's interface that streamctl calls, as of libcurl 7.64 (soname 4), and an
// option that older ones refuse.
//
// Declared here because libcurl is loaded at run time: a build needs neither the library nor its headers. A test
// compares every declaration with the real header where that is installed. It reads this file: one field a line, and
// every constant with its value.
#ifndef LIBCURL_H
#define LIBCURL_H

#include <stddef.h>

typedef void CURL;
typedef void CURLM;

struct curl_slist {
    char *data;
    struct curl_slist *next;
};

typedef enum {
    CURLE_OK = 0,
    CURLE_UNSUPPORTED_PROTOCOL = 1,
    CURLE_URL_MALFORMAT = 3,
    CURLE_WRITE_ERROR = 23,
    CURLE_OUT_OF_MEMORY = 27,
    CURLE_SSL_CONNECT_ERROR = 35,
    CURLE_TOO_MANY_REDIRECTS = 47,
    CURLE_SSL_CERTPROBLEM = 58,
    CURLE_PEER_FAILED_VERIFICATION = 60,
    CURLE_SSL_CACERT_BADFILE = 77,
} CURLcode;

typedef enum {
    CURLOPT_WRITEDATA = 10001,
    CURLOPT_URL = 10002,
    CURLOPT_USERPWD = 10005,
    CURLOPT_ERRORBUFFER = 10010,
    CURLOPT_WRITEFUNCTION = 20011,
    CURLOPT_HTTPHEADER = 10023,
    CURLOPT_SSLCERT = 10025,
    CURLOPT_KEYPASSWD = 10026,
    CURLOPT_FOLLOWLOCATION = 52,
    CURLOPT_CAINFO = 10065,
    CURLOPT_MAXREDIRS = 68,
    CURLOPT_SSLKEY = 10087,
    CURLOPT_NOSIGNAL = 99,
    CURLOPT_HTTPAUTH = 107,
    CURLOPT_TIMEOUT_MS = 155,
    CURLOPT_CONNECTTIMEOUT_MS = 156,
    CURLOPT_PROTOCOLS = 181,
    CURLOPT_REDIR_PROTOCOLS = 182,
    CURLOPT_QUICK_EXIT = 322,
} CURLoption;

typedef enum {
    CURLINFO_RESPONSE_CODE = 2097154,
} CURLINFO;

typedef enum {
    CURLM_CALL_MULTI_PERFORM = -1,
    CURLM_OK = 0,
} CURLMcode;

typedef enum {
    CURLMSG_DONE = 1,
} CURLMSG;

typedef struct CURLMsg {
    CURLMSG msg;
    CURL *easy_handle;
    union {
        void *whatever;
        CURLcode result;
    } data;
} CURLMsg;

struct curl_waitfd {
    int fd;
    short events;
    short revents;
};

#define CURL_WAIT_POLLIN 0x0001
#define CURL_ERROR_SIZE 256

CURLcode curl_global_init(long flags);
CURL *curl_easy_init(void);
CURLcode curl_easy_setopt(CURL *, CURLoption, ...);
CURLcode curl_easy_getinfo(CURL *, CURLINFO, ...);
void curl_easy_cleanup(CURL *);
const char *curl_easy_strerror(CURLcode);
struct curl_slist *curl_slist_append(struct curl_slist *, const char *);
void curl_slist_free_all(struct curl_slist *);
CURLM *curl_multi_init(void);
CURLMcode curl_multi_add_handle(CURLM *, CURL *);
CURLMcode curl_multi_remove_handle(CURLM *, CURL *);
CURLMcode curl_multi_perform(CURLM *, int *running);
CURLMcode curl_multi_wait(CURLM *, struct curl_waitfd *, unsigned int count, int timeout, int *ready);
CURLMsg *curl_multi_info_read(CURLM *, int *left);
CURLMcode curl_multi_cleanup(CURLM *);

#endif
