import type { SmoothProjection } from './dgr-options.js'

/** All layers of DGR as one linear map: Σ_l weights[l] · Âˡ (E + ρ v vᵀE). */
export interface DesmoothedFilter {
  /** Weights of Âˡ, l = 0..layers. */
  readonly weights: readonly number[]
  /** Number ρ, the weight of the smooth direction that is added before, 0 where nothing is taken out. */
  readonly smoothWeight: number
  /** Number γ, the share of the smooth direction's projector that a layer takes out, c · 2 · edges. */
  readonly share: number
}

/**
 * Computes the weights of one linear map that is the mean of the layers
 *
 *     E⁽ˡ⁾ = (1 + a_l) Â E⁽ˡ⁻¹⁾ - a_l · γ · v vᵀ Â E⁽ˡ⁻¹⁾,   v = √d / √(2·edges)
 *
 * in closed form. As Âv = v, the part along v is one number a layer: with P_l = Π_{k≤l} (1 + a_k),
 *
 *     E⁽ˡ⁾ = P_l Âˡ E + κ_l v vᵀE,   κ_l = (1 + a_l) κ_{l-1} - a_l γ M_{l-1},   κ_0 = 0
 *     vᵀE⁽ˡ⁾ = M_l vᵀE,              M_l = (1 + a_l (1 - γ)) M_{l-1},           M_0 = 1
 *
 * Hence, with g(Â) = Σ_l weights[l] · Âˡ and weights[l] = P_l / (L + 1), the mean is
 *
 *     g(Â) E + κ v vᵀE = g(Â) (E + ρ v vᵀE),   ρ = κ / g(1),   κ = Σ_l κ_l / (L + 1)
 *
 * where γ is 1 for the projector on v (`projection: 'exact'`) and 1/2 for half of it.
 *
 * With every a > -1 all P_l are above 0, and so is g(1).
 *
 * @param options - `desmoothing`: a_1..a_L, each > -1
 */
export function desmoothedFilter({
  desmoothing,
  projection,
}: {
  readonly desmoothing: readonly number[]
  readonly projection: SmoothProjection
}): DesmoothedFilter {
  const share = projection === 'exact' ? 1 : 0.5
  const products = [1]
  let [kappa, moment] = [0, 1]
  let kappaSum = 0
  for (const [l, a] of desmoothing.entries()) {
    products.push((1 + a) * products[l])
    kappa = (1 + a) * kappa - a * share * moment
    moment *= 1 + a * (1 - share)
    kappaSum += kappa
  }
  const total = products.reduce((sum, product) => sum + product, 0)
  const weights = products.map((product) => product / products.length)
  return { weights, smoothWeight: kappaSum / total, share }
}
