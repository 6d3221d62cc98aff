import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Metrics } from '../handler/endpoint.js'
import type { ModelSlot } from '../models/model-slot.js'

/** Seconds that bound the buckets of the histogram of times. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
/** Methods that have a label of their own, so that a caller cannot make up labels. */
const methods = new Set(['GET', 'HEAD', 'POST'])

/** Keeps numbers about requests, the model and the process for Prometheus. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry()
  readonly #requests = new Counter({
    name: 'gnnrec_requests_total',
    help: 'Answered requests.',
    labelNames: ['route', 'method', 'status'],
    registers: [this.#registry],
  })
  readonly #seconds = new Histogram({
    name: 'gnnrec_request_seconds',
    help: 'Seconds from the arrival of the head of a request to its answer.',
    labelNames: ['route'],
    buckets,
    registers: [this.#registry],
  })

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  /** Adds numbers about the models of a server. */
  watch(slot: ModelSlot): void {
    const registers = [this.#registry]
    new Gauge({
      name: 'gnnrec_model_info',
      help: '1 for the model that answers.',
      labelNames: ['fingerprint', 'architecture'],
      registers,
      collect() {
        this.reset()
        const { current } = slot
        if (!current) return
        const { architecture } = current.recommender.origin
        this.set({ fingerprint: current.fingerprint, architecture }, 1)
      },
    })
    new Gauge({
      name: 'gnnrec_model_loaded_timestamp_seconds',
      help: 'Time at which the model that answers was loaded.',
      registers,
      collect() {
        this.set((slot.current?.loadedAt.getTime() ?? 0) / 1000)
      },
    })
    new Gauge({
      name: 'gnnrec_model_swap_failed',
      help: '1 when the last attempt to exchange the model failed.',
      registers,
      collect() {
        this.set(slot.failure ? 1 : 0)
      },
    })
  }

  observe({ route, method, status, seconds }: Parameters<Metrics['observe']>[0]): void {
    const label = methods.has(method) ? method : 'other'
    this.#requests.inc({ route, method: label, status: String(status) })
    this.#seconds.observe({ route }, seconds)
  }

  async text(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() }
  }
}
