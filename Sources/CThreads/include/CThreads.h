#ifndef CTHREADS_H
#define CTHREADS_H

#include <pthread.h>
#include <stdbool.h>

/// Lets a thread with these attributes start on another processor than that of the caller.
///
/// Returns false, and changes nothing, if there is no other one or the system does not tell.
bool cthreads_start_elsewhere(pthread_attr_t *attributes);

/// Lets the calling thread run on all processors that the main thread may use.
void cthreads_run_anywhere(void);

#endif
