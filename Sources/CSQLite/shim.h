// The door to SQLite, the library behind the catalog.
#ifndef CAIRN_CSQLITE_SHIM_H
#define CAIRN_CSQLITE_SHIM_H

#include <sqlite3.h>

// SQLITE_STATIC and SQLITE_TRANSIENT are casts that Swift cannot import.
static inline sqlite3_destructor_type cairn_sqlite_static(void) { return SQLITE_STATIC; }
static inline sqlite3_destructor_type cairn_sqlite_transient(void) { return SQLITE_TRANSIENT; }

#endif
