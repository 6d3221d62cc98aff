export type { DiagnoseOptions } from './diagnose.js'
export { diagnose } from './diagnose.js'
export type {
  BackendDiagnosis,
  CheckedBackend,
  Diagnosis,
  Environment,
  KernelCheck,
  SpeedCheck,
  TrainingCheck,
} from './diagnosis.js'
export { formatDiagnosis } from './format-diagnosis.js'
