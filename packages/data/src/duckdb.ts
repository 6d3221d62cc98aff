export type { DuckDbOptions } from './duckdb/duckdb-database.js'
export { DuckDb } from './duckdb/duckdb-database.js'
export type { DuckDbTable } from './duckdb/session.js'
export { DuckDbError } from './duckdb/session.js'
