import { defaultRuntime } from '@gnnrec/tfjs-backend-simd/kernels'
import { type Calibration, calibrate, type Planned, WARM_UP } from './calibrate.js'
