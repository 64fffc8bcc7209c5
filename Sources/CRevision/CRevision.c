#include "CRevision.h"

// Package.swift defines it if STREAMCTL_REVISION is set in the environment.
#ifndef STREAMCTL_REVISION
#define STREAMCTL_REVISION ""
#endif

const char *streamctl_revision(void) { return STREAMCTL_REVISION; }
