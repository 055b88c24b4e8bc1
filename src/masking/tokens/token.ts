import { createHmac } from 'node:crypto';
import type { JsonKind } from '../../domain/index.js';

/** Base32 as RFC 4648, section 6, in small letters. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const BITS = 5;
/** 130 bits of which nobody can guess any. */
const SECRET_LENGTH = 26;
const LONGEST_LABEL = 32;
const LEAD = 'tok_';
/** The bound on the label keeps looking for tokens linear. */
const TOKEN = new RegExp(`${LEAD}[a-z0-9_]{1,${LONGEST_LABEL}}?_[a-z2-7]{${SECRET_LENGTH}}`, 'gy');

/** What a token stands for, and to whom. */
export interface TokenSubject {
  readonly principalId: string;
  readonly upstream: string;
  readonly detector: string | undefined;
  readonly kind: JsonKind;
  readonly text: string;
}

/**
 * The token of a value: the same for the same value of the same server to the same principal, and no other's.
 *
 * @param key as of {@link keyFor}
 */
export function tokenOf(key: Buffer, { principalId, upstream, detector, kind, text }: TokenSubject): string {
  const subject = JSON.stringify([principalId, upstream, detector ?? null, kind, text]);
  const digest = createHmac('sha256', key).update(subject, 'utf8').digest();
  return `${LEAD}${label(detector)}_${base32(digest)}`;
}

/** Where texts that have the form of tokens stand in a text. */
export function tokensIn(
  text: string,
): { readonly token: string; readonly start: number; readonly end: number }[] {
  const found = [];
  for (let start = text.indexOf(LEAD); start !== -1; ) {
    TOKEN.lastIndex = start;
    const token = TOKEN.exec(text)?.[0];
    const end = start + (token?.length ?? 1);
    if (token !== undefined) found.push({ token, start, end });
    start = text.indexOf(LEAD, end);
  }
  return found;
}

/** Whether a JSON text could have a token in it: written out, or behind an escape. */
export function mayHoldTokens(bytes: Buffer): boolean {
  return bytes.includes(LEAD) || bytes.includes('\\u');
}

function label(detector: string | undefined): string {
  const words = (detector ?? 'value').toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return words.slice(0, LONGEST_LABEL).replace(/^_+$/, 'value') || 'value';
}

function base32(bytes: Buffer): string {
  let text = '';
  for (let bit = 0; text.length < SECRET_LENGTH; bit += BITS) {
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    text += ALPHABET[(pair >> (16 - BITS - (bit & 7))) & (2 ** BITS - 1)];
  }
  return text;
}
