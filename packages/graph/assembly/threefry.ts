// Threefry-2x32 with 20 rounds (Salmon et al., SC 2011, https://doi.org/10.1145/2063384.2063405), four
// counters at a time. Its two words go to word0 and word1, since a function has one result.
export let word0: v128 = i32x4(0, 0, 0, 0)
export let word1: v128 = i32x4(0, 0, 0, 0)

// The words of the key (key0, key1) and the counters (counter, block).
export function threefry(key0: i32, key1: i32, counters: v128, block: i32): void {
  const k0 = i32x4.splat(key0)
  const k1 = i32x4.splat(key1)
  const k2 = i32x4.splat(key0 ^ key1 ^ 0x1bd11bda)
  let x0 = i32x4.add(counters, k0)
  let x1 = i32x4.splat(block + key1)

  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 13), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 15), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 26), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 6), x0)
  x0 = i32x4.add(x0, k1)
  x1 = i32x4.add(x1, i32x4.add(k2, i32x4.splat(1)))

  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 17), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 29), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 16), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 24), x0)
  x0 = i32x4.add(x0, k2)
  x1 = i32x4.add(x1, i32x4.add(k0, i32x4.splat(2)))

  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 13), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 15), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 26), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 6), x0)
  x0 = i32x4.add(x0, k0)
  x1 = i32x4.add(x1, i32x4.add(k1, i32x4.splat(3)))

  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 17), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 29), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 16), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 24), x0)
  x0 = i32x4.add(x0, k1)
  x1 = i32x4.add(x1, i32x4.add(k2, i32x4.splat(4)))

  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 13), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 15), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 26), x0)
  x0 = i32x4.add(x0, x1)
  x1 = v128.xor(rotate(x1, 6), x0)
  word0 = i32x4.add(x0, k2)
  word1 = i32x4.add(x1, i32x4.add(k0, i32x4.splat(5)))
}

// @ts-expect-error: decorator of AssemblyScript
@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits))
}
