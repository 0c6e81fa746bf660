// The door to SQLite, the library behind the catalog.
#ifndef CAIRN_CSQLITE_SHIM_H
#define CAIRN_CSQLITE_SHIM_H

#include <sqlite3.h>

// SQLITE_STATIC and SQLITE_TRANSIENT are casts that Swift cannot import. An address of nothing would bind NULL, so empty
// values get one of their own.

static inline int cairn_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count)
{
    return sqlite3_bind_blob64(statement, index, count > 0 ? bytes : "", count, SQLITE_STATIC);
}

static inline int cairn_sqlite_bind_blob_copy(
    sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count)
{
    return sqlite3_bind_blob64(statement, index, count > 0 ? bytes : "", count, SQLITE_TRANSIENT);
}

static inline int cairn_sqlite_bind_text_copy(
    sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count)
{
    return sqlite3_bind_text64(
        statement, index, count > 0 ? (const char *)bytes : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

// Variadic functions do not import.

static inline int cairn_sqlite_configure(sqlite3 *connection, int option, int value)
{
    return sqlite3_db_config(connection, option, value, (int *)0);
}

#endif
