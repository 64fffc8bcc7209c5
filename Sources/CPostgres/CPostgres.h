// libpq, loaded when it is first used.
#ifndef CPOSTGRES_H
#define CPOSTGRES_H

#include "../CLibrary/CLibrary.h"
#include "libpq.h"

// The calls in use.
#define CPOSTGRES_CALLS(CALL) \
    CALL(PQclear) \
    CALL(PQcmdStatus) \
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
    CALL(PQgetCopyData) \
    CALL(PQgetResult) \
    CALL(PQgetisnull) \
    CALL(PQgetvalue) \
    CALL(PQgssEncInUse) \
    CALL(PQhost) \
    CALL(PQisBusy) \
    CALL(PQlibVersion) \
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

CLIBRARY(CPostgresCalls, CPostgresLoad, "libpq.so.5", CPOSTGRES_CALLS)

#endif
