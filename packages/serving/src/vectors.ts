export type { WriteUsearchOptions } from './vectors/files/write-usearch.js'
export { writeUsearch } from './vectors/files/write-usearch.js'
export type {
  VectorFormat,
  WriteVectorsOptions,
  WrittenVectors,
} from './vectors/files/write-vectors.js'
export { writeVectors } from './vectors/files/write-vectors.js'
export type { VectorMetric } from './vectors/metrics.js'
export type { PostgresClient, PostgresOptions, PostgresResult } from './vectors/postgres.js'
export { writeToPostgres } from './vectors/postgres.js'
export type { QdrantOptions, QdrantResult } from './vectors/qdrant.js'
export { writeToQdrant } from './vectors/qdrant.js'
export type { TransformedVectors } from './vectors/transform-vectors.js'
export { transformVectors } from './vectors/transform-vectors.js'
export type { VectorRow, VectorTableOptions } from './vectors/vector-table.js'
export { VectorTable } from './vectors/vector-table.js'
export type { RecommenderVectors, VectorsOptions } from './vectors/vectors-of.js'
export { vectorsOf } from './vectors/vectors-of.js'
