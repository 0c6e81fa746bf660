// SQLite: the database library behind three types: a `Connection`, its `Statement`s, and the current row, which is read
// through the statement by column number. Errors are `SQLiteError`.
//
// As in C, parameters are numbered from 1 and columns from 0. The path of a look-up (bind, step, read, reset) allocates
// nothing beyond what SQLite itself does.
//
// Pointers that belong to SQLite live in `Connection.swift` and `Statement.swift`, each with one owner.
