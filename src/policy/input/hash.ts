/** Hashes for finding what is equal, not for telling apart what is not: that is done byte by byte. */

/** Nobody outside can know which inputs share a hash. */
export const SEED = Math.floor(Math.random() * 2 ** 31);

const TEXT_SAMPLES = 8;

/** Texts around messages are few and long known: some of their characters will do. */
export function hashText(seed: number, text: string): number {
  let hash = mix(seed, text.length);
  const stride = Math.ceil(text.length / TEXT_SAMPLES);
  for (let at = 0; at < text.length; at += stride) hash = mix(hash, text.charCodeAt(at));
  return hash;
}

/** Every byte, four at a time: what callers send may differ in any one of them. */
export function hashSpan(seed: number, span: { bytes: Uint8Array; start: number; end: number }): number {
  const { bytes, start, end } = span;
  let hash = mix(seed, end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    hash = mix(hash, word);
  }
  for (; at < end; at += 1) hash = mix(hash, bytes[at] ?? 0);
  return hash;
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
