/// The argument vector of the process, as the kernel passed it. Not null-terminated here: use the count.

#ifndef CARGUMENTS_H
#define CARGUMENTS_H

/// The number of arguments, the name of the program included; 0 if there are none.
int carguments_count(void);

/// Argument `index`, which must be less than the count.
const char *carguments_at(int index);

#endif
