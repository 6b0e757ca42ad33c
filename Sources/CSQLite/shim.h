#ifndef MODELTECA_CSQLITE_SHIM_H
#define MODELTECA_CSQLITE_SHIM_H
#include <sqlite3.h>

// Swift cannot see SQLITE_TRANSIENT, a pointer made of a number: what is bound is copied.
static inline int slm_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}

static inline int slm_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

#endif
