// libpq by its own header, loaded when it is first used: a run that writes to no database needs no libpq and waits for
// none. After a change here build from scratch: SwiftPM does not look into the headers of system libraries.
#ifndef CPOSTGRES_H
#define CPOSTGRES_H

#include <dlfcn.h>
#include <stddef.h>
#if __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#include <libpq-fe.h>
#endif

// The calls in use: each becomes a member of the struct below, with the type that the header gives it.
#define CPOSTGRES_CALLS(CALL) \
    CALL(PQbackendPID) \
    CALL(PQclear) \
    CALL(PQcmdStatus) \
    CALL(PQcmdTuples) \
    CALL(PQconninfo) \
    CALL(PQconninfoFree) \
    CALL(PQconninfoParse) \
    CALL(PQconnectPoll) \
    CALL(PQconnectStartParams) \
    CALL(PQconsumeInput) \
    CALL(PQerrorMessage) \
    CALL(PQfinish) \
    CALL(PQflush) \
    CALL(PQfreemem) \
    CALL(PQgetResult) \
    CALL(PQgetisnull) \
    CALL(PQgetlength) \
    CALL(PQgetvalue) \
    CALL(PQgssEncInUse) \
    CALL(PQhost) \
    CALL(PQisBusy) \
    CALL(PQnfields) \
    CALL(PQntuples) \
    CALL(PQpass) \
    CALL(PQputCopyData) \
    CALL(PQputCopyEnd) \
    CALL(PQresultErrorField) \
    CALL(PQresultStatus) \
    CALL(PQsendQuery) \
    CALL(PQsendQueryParams) \
    CALL(PQserverVersion) \
    CALL(PQsetErrorVerbosity) \
    CALL(PQsetNoticeReceiver) \
    CALL(PQsetnonblocking) \
    CALL(PQsocket) \
    CALL(PQsslInUse) \
    CALL(PQstatus) \
    CALL(PQuser)

#define CPOSTGRES_MEMBER(name) __typeof__(&name) _Nonnull name;
typedef struct {
    CPOSTGRES_CALLS(CPOSTGRES_MEMBER)
} CPostgresCalls;
#undef CPOSTGRES_MEMBER

/// Loads libpq and fills `calls`. Returns NULL, or what is missing: the loader's words, or the name of a call that an
/// older libpq does not have.
static inline const char *_Nullable CPostgresLoad(CPostgresCalls *_Nonnull calls) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return dlerror();
#define CPOSTGRES_LOOK_UP(name) \
    { \
        void *found = dlsym(library, #name); \
        if (found == NULL) return #name; \
        *(void **)&calls->name = found; \
    }
    CPOSTGRES_CALLS(CPOSTGRES_LOOK_UP)
#undef CPOSTGRES_LOOK_UP
    return NULL;
}

#endif
