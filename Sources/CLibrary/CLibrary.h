// Calls of a C library, loaded when they are first used: a run that does not need the library does not need it
// installed and does not wait for it.
//
// A list of names, as an X-macro, becomes a struct of function pointers with the types of their declarations, and a
// function that fills it. After a change build from scratch: SwiftPM does not look into such headers.
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

/// Declares the struct `Calls` and the function `Load`, which returns NULL, or what is missing: the loader's words, or
/// the name of a call that an older library does not have.
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
