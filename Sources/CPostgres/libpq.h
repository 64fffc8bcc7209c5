// The part of libpq's interface that streamctl calls, as of PostgreSQL 15 (soname 5).
//
// Declared here because libpq is loaded at run time: a build needs neither the library nor its headers. A test compares
// every declaration with the real header where that is installed. It reads this file: one field a line, and every
// constant with its value.
#ifndef LIBPQ_H
#define LIBPQ_H

typedef unsigned int Oid;
typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;
typedef void (*PQnoticeReceiver)(void *argument, const PGresult *notice);

typedef enum {
    CONNECTION_OK = 0,
    CONNECTION_BAD = 1,
} ConnStatusType;

typedef enum {
    PGRES_POLLING_FAILED = 0,
    PGRES_POLLING_READING = 1,
    PGRES_POLLING_WRITING = 2,
    PGRES_POLLING_OK = 3,
} PostgresPollingStatusType;

typedef enum {
    PGRES_COMMAND_OK = 1,
    PGRES_TUPLES_OK = 2,
    PGRES_COPY_OUT = 3,
    PGRES_COPY_IN = 4,
    PGRES_BAD_RESPONSE = 5,
    PGRES_NONFATAL_ERROR = 6,
    PGRES_FATAL_ERROR = 7,
} ExecStatusType;

typedef enum {
    PQERRORS_DEFAULT = 1,
    PQERRORS_VERBOSE = 2,
} PGVerbosity;

typedef struct _PQconninfoOption {
    char *keyword;
    char *envvar;
    char *compiled;
    char *val;
    char *label;
    char *dispchar;
    int dispsize;
} PQconninfoOption;

// Connection strings.
PQconninfoOption *PQconninfo(PGconn *);
PQconninfoOption *PQconninfoParse(const char *string, char **error);
void PQconninfoFree(PQconninfoOption *);
void PQfreemem(void *);

// Connections.
PGconn *PQconnectStartParams(const char *const *keywords, const char *const *values, int expands_dbname);
PostgresPollingStatusType PQconnectPoll(PGconn *);
void PQfinish(PGconn *);
ConnStatusType PQstatus(const PGconn *);
char *PQerrorMessage(const PGconn *);
char *PQhost(const PGconn *);
char *PQuser(const PGconn *);
char *PQpass(const PGconn *);
int PQserverVersion(const PGconn *);
int PQlibVersion(void);
int PQsocket(const PGconn *);
int PQsslInUse(PGconn *);
int PQgssEncInUse(PGconn *);
int PQsetnonblocking(PGconn *, int is_nonblocking);
PGVerbosity PQsetErrorVerbosity(PGconn *, PGVerbosity);
PQnoticeReceiver PQsetNoticeReceiver(PGconn *, PQnoticeReceiver, void *argument);

// Commands.
int PQsendQuery(PGconn *, const char *statements);
int PQsendQueryParams(
    PGconn *, const char *statement, int count, const Oid *types, const char *const *values, const int *lengths,
    const int *formats, int result_format);
int PQputCopyData(PGconn *, const char *bytes, int count);
int PQputCopyEnd(PGconn *, const char *error);
int PQgetCopyData(PGconn *, char **bytes, int is_asynchronous);
int PQflush(PGconn *);
int PQconsumeInput(PGconn *);
int PQisBusy(PGconn *);

// Results.
PGresult *PQgetResult(PGconn *);
void PQclear(PGresult *);
ExecStatusType PQresultStatus(const PGresult *);
char *PQresultErrorField(const PGresult *, int field);
char *PQcmdStatus(PGresult *);
int PQntuples(const PGresult *);
int PQnfields(const PGresult *);
int PQgetisnull(const PGresult *, int row, int column);
char *PQgetvalue(const PGresult *, int row, int column);

#endif
