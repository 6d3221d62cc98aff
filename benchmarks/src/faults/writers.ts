import type { Writer } from './writer.js'

/** All writers of files. Each is loaded alone, so that a process that writes once starts fast. */
export const writers: Readonly<Record<string, () => Promise<Writer>>> = {
  'model.save': async () => (await import('./writers/models.js')).model,
  'recommender.save': async () => (await import('./writers/models.js')).recommender,
  'recommendations as CSV': async () => (await import('./writers/models.js')).csvLists,
  'recommendations as Parquet': async () => (await import('./writers/models.js')).parquetLists,
  saveSplit: async () => (await import('./writers/split.js')).split,
  downloadFile: async () => (await import('./writers/download.js')).download,
  checkpoints: async () => (await import('./writers/checkpoints.js')).checkpoints,
  'graph in files': async () => (await import('./writers/files.js')).graphInFiles,
  'training in files': async () => (await import('./writers/files.js')).trainingInFiles,
  'model of a training in files': async () => (await import('./writers/files.js')).modelInFiles,
  writeReport: async () => (await import('./writers/report.js')).report,
  'results of an experiment': async () => (await import('./writers/results.js')).results,
}
