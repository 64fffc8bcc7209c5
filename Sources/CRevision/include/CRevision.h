// The commit that the program was built from.
#ifndef CREVISION_H
#define CREVISION_H

/// Empty if the build does not know it.
const char *_Nonnull streamctl_revision(void);

#endif
