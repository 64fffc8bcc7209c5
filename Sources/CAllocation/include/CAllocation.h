#pragma once

/// The exit status of a process that cannot allocate memory: EX_OSERR of sysexits.h.
#define STREAMCTL_OUT_OF_MEMORY 71
