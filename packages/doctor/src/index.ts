export type { DiagnoseOptions } from './diagnose.js'
export { diagnose } from './diagnose.js'
export type { Diagnosis } from './diagnosis.js'
export { formatDiagnosis } from './format-diagnosis.js'
