import type { MaskObligation, MaskStrategy } from '../domain/index.js';
import { detectorNamed, detectors } from './detectors/index.js';
import { MaskingError } from './error.js';
import { compilePath, type Segment } from './paths.js';
import { compilePattern } from './patterns.js';
import type { Span } from './span.js';
import {
  type Concealed,
  keyFor,
  nameOf,
  precedenceOf,
  type Replacement,
  strategies,
  type Terms,
} from './strategies/index.js';
import type { Tokens } from './tokens/tokens.js';

/** What a detector found, or what an expression finds in a text. */
export type Match = { readonly detector: string } | { readonly find: (text: string) => Span[] };

/** A mask obligation, ready to be carried out on one document. */
export interface Mask {
  /** Its index in the decision. */
  readonly position: number;
  readonly path: readonly Segment[];
  readonly precedence: number;
  /** What of strings is masked; undefined where the mask takes whole values. */
  readonly match: Match | undefined;
  /** Whether whole values disappear from the text instead of being replaced. */
  readonly removes: boolean;
  readonly conceal: (value: Concealed) => Replacement;
}

/** With what masks conceal. */
export interface Means {
  /** Key of hashes and fakes, 32 bytes or more. */
  readonly hashKey: Buffer;
  /** Makes tokens; undefined where nothing can be kept for them. */
  readonly tokens: Tokens | undefined;
}

/**
 * Compiles a decision's masks.
 *
 * @throws MaskingError `path_invalid`, `detector_unknown`, `pattern_invalid` or `vault_missing`
 */
export function compileMasks(obligations: readonly MaskObligation[], { hashKey, tokens }: Means): Mask[] {
  const fakeKey = keyFor('fake', hashKey);
  return obligations.map((obligation, position) => {
    const { path, with: strategy, match } = obligation;
    const name = nameOf(strategy);
    if (name === 'tokenize' && tokens === undefined) throw vaultMissing();
    const detector = match !== undefined && 'detector' in match ? match.detector : undefined;
    const terms: Terms = {
      hashKey,
      fakeKey,
      detector,
      literal: typeof strategy === 'object' && 'literal' in strategy ? strategy.literal : null,
      tokenOf: tokens?.for({ path, detector, ttlSeconds: ttlOf(strategy) }),
    };
    return {
      position,
      path: compilePath(path),
      precedence: precedenceOf(name),
      match: match && compileMatch(match),
      removes: name === 'remove' && match === undefined,
      conceal: remembering((value) => strategies[name](value, terms)),
    };
  });
}

/** A day: where policy does not say for how long a token can be turned back. */
const TTL_SECONDS = 86_400;

function ttlOf(strategy: MaskStrategy): number {
  return typeof strategy === 'object' && 'tokenize' in strategy ? strategy.tokenize.ttl_seconds : TTL_SECONDS;
}

function vaultMissing(): MaskingError {
  return new MaskingError(
    'vault_missing',
    'a mask demands tokens where none can be kept',
    'Mask with another strategy.',
  );
}

/** Asks a strategy once for each value: in a message the same few may stand thousands of times. */
function remembering(conceal: Mask['conceal']): Mask['conceal'] {
  const known = new Map<string, Replacement>();
  return (value) => {
    const key = `${value.kind} ${value.text}`;
    const replacement = known.get(key) ?? conceal(value);
    known.set(key, replacement);
    return replacement;
  };
}

/** The mask that prevails where two meet: the one that hides more, else the earlier in the decision. */
export function prevailing(one: Mask | undefined, other: Mask): Mask {
  if (one === undefined) return other;
  const difference = one.precedence - other.precedence || one.position - other.position;
  return difference <= 0 ? one : other;
}

function compileMatch(match: NonNullable<MaskObligation['match']>): Match {
  if ('pattern' in match) return { find: compilePattern(match.pattern) };
  if (detectorNamed(match.detector) === undefined) {
    throw new MaskingError(
      'detector_unknown',
      `a mask names the detector ${JSON.stringify(match.detector)}, which does not exist`,
      `Name one of: ${Object.keys(detectors).join(', ')}.`,
    );
  }
  return match;
}
