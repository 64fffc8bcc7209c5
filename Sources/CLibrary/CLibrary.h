// Functions of a C library, loaded on first use: a run that does not need the library neither requires it to be
// installed nor waits for it to load.
//
// A list of names, as an X-macro, becomes a struct of function pointers with the types of their declarations, and a
// function that fills it. After a change, build from scratch: SwiftPM does not track such headers.
#ifndef CLIBRARY_H
#define CLIBRARY_H

#include <dlfcn.h>
#include <stddef.h>

#define CLIBRARY_MEMBER(name) __typeof__(&name) _Nonnull name;

#define CLIBRARY_LOOK_UP(name) \
    { \
        void *found = dlsym(library, #name); \
        if (found == NULL) return #name; \
        *(void **)&calls->name = found; \
    }

/// Declares the struct `Calls` and the function `Load`. `Load` returns NULL on success, else what is missing: the
/// loader's message, or the name of a function that an older library does not have.
#define CLIBRARY(Calls, Load, file, NAMES) \
    typedef struct { \
        NAMES(CLIBRARY_MEMBER) \
    } Calls; \
    static inline const char *_Nullable Load(Calls *_Nonnull calls) { \
        void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL); \
        if (library == NULL) return dlerror(); \
        NAMES(CLIBRARY_LOOK_UP) \
        return NULL; \
    }

#endif
