export class Tensor {}
export const version = { 'tfjs-core': '3.9.0' }
