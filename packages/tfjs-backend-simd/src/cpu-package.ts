// This module is loaded when a backend starts. Bundlers give the names of a CommonJS package to a static
// import, but not all of them to `import()`.
export { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
