import type { Writers } from './writer.js'

/** All writers of files. */
export const writers: Writers = {
  'model.save': async () => (await import('./writers/models.js')).model,
  'model.save where there is none': async () => (await import('./writers/models.js')).firstModel,
  'recommender.save': async () => (await import('./writers/models.js')).recommender,
  'recommendations as CSV': async () => (await import('./writers/models.js')).csvLists,
  'recommendations as JSONL': async () => (await import('./writers/models.js')).jsonlLists,
  'recommendations as Parquet': async () => (await import('./writers/models.js')).parquetLists,
  'vectors as JSONL': async () => (await import('./writers/vectors.js')).jsonlVectors,
  'index.save': async () => (await import('./writers/vectors.js')).index,
  saveSplit: async () => (await import('./writers/split.js')).split,
  'saveSplit where there is none': async () => (await import('./writers/split.js')).firstSplit,
  downloadFile: async () => (await import('./writers/download.js')).download,
  checkpoints: async () => (await import('./writers/checkpoints.js')).checkpoints,
  'first checkpoints': async () => (await import('./writers/checkpoints.js')).firstCheckpoints,
  'graph in files': async () => (await import('./writers/files.js')).graphInFiles,
  'training in files': async () => (await import('./writers/files.js')).trainingInFiles,
  'model of a training in files': async () => (await import('./writers/files.js')).modelInFiles,
  writeReport: async () => (await import('./writers/report.js')).report,
  'results of an experiment': async () => (await import('./writers/results.js')).results,
}
