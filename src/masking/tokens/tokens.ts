import type { JsonKind, TokenizedValue } from '../../domain/index.js';
import type { Detector } from '../detectors/detector.js';
import { detectors } from '../detectors/index.js';
import type { Concealed } from '../strategies/index.js';
import { keyFor } from '../strategies/key.js';
import { tokenOf, tokensIn } from './token.js';

/** Larger values are no use as arguments, and are redacted instead. */
const LARGEST_BYTES = 64 * 1024;

/** Whose tokens, of which server's values. */
export interface TokenOwner {
  readonly principalId: string;
  readonly upstream: string;
}

/** The detector that takes all of a value for what it looks for: a mask of whole values names none. */
function detectorOf(kind: JsonKind, text: string): string | undefined {
  if (kind !== 'string' && kind !== 'number') return undefined;
  return Object.values<Detector>(detectors).find(({ find }) => {
    const [first] = find(text);
    return first?.start === 0 && first.end === text.length;
  })?.name;
}

/** On whose behalf a token is made. */
interface TokenTerms {
  readonly path: string;
  readonly detector: string | undefined;
  readonly ttlSeconds: number;
}

/** Makes the tokens of one message and knows what it made. It keeps nothing: that is for whoever lets the message pass. */
export class Tokens {
  readonly #key: Buffer;
  readonly #owner: TokenOwner;
  /** Tokens by which the caller knows values already, by what the value is. */
  readonly #known: ReadonlyMap<string, string>;
  /** By what the value is: where two masks take the same value it has one token. */
  readonly #made = new Map<string, TokenizedValue>();

  /** @param known tokens of values that the caller had put in: they keep theirs */
  constructor(
    secret: Buffer,
    owner: TokenOwner,
    known: readonly { readonly token: string; readonly kind: JsonKind; readonly text: string }[] = [],
  ) {
    this.#key = keyFor('token', secret);
    this.#owner = owner;
    this.#known = new Map(known.map(({ token, kind, text }) => [`${kind} ${text}`, token]));
  }

  /** What makes tokens on behalf of one mask; undefined for values that are too large. */
  for({ path, detector, ttlSeconds }: TokenTerms): (value: Concealed) => string | undefined {
    return ({ kind, text }) => {
      const value = `${kind} ${text}`;
      const known = this.#known.get(value);
      if (known !== undefined) return known;
      const before = this.#made.get(value);
      if (before !== undefined && before.ttlSeconds >= ttlSeconds) return before.token;
      if (Buffer.byteLength(text) > LARGEST_BYTES) return undefined;
      const by = before === undefined ? (detector ?? detectorOf(kind, text)) : before.detector;
      const token = before?.token ?? tokenOf(this.#key, { ...this.#owner, detector: by, kind, text });
      const found = by === undefined ? {} : { detector: by };
      this.#made.set(value, { token, kind, text, path, ttlSeconds, ...found });
      return token;
    };
  }

  /** Those of the tokens that were made which stand in any of these texts. */
  shownIn(texts: readonly string[]): TokenizedValue[] {
    if (this.#made.size === 0) return [];
    const shown = new Set(texts.flatMap((text) => tokensIn(text).map(({ token }) => token)));
    return [...this.#made.values()].filter(({ token }) => shown.has(token));
  }
}
