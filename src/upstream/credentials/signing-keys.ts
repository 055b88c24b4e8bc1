import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { link, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import { systemErrorCode } from '../../domain/index.js';
import { readSecret } from './secret-file.js';

/** P-256: what every JWT library can verify. */
export const ALGORITHM = 'ES256';
const DAY = 86_400_000;
/** For so long each key signs. */
const PERIOD = 30 * DAY;
/** It is published so long before it signs, for those who keep a key set for a while. */
const PUBLISHED_BEFORE = DAY;
/** The longest that a token may live. */
export const LONGEST_LIFETIME_SECONDS = 3_600;
/** It stays published so long after it signed for the last time: until its last token is over on every clock. */
const PUBLISHED_AFTER = (LONGEST_LIFETIME_SECONDS + 300) * 1000;
const FILE = /^(\d{1,9})\.pem$/;

/** A private key and how its public one is published. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly jwk: JWK & { readonly kid: string };
}

/** A JSON Web Key Set (RFC 7517, section 5). */
export interface KeySet {
  readonly keys: readonly JWK[];
}

/**
 * Keys that follow one another, each for one period of the calendar and in a file of its period. Gateways that share
 * the folder share the keys: whoever needs one first makes it.
 */
export class SigningKeys {
  readonly #directory: string;
  readonly #keys = new Map<number, Promise<SigningKey>>();

  /** @param directory - where they are kept; made when the first key is */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * The key that signs now, made where it is not there.
   *
   * @throws Error that names the file and never its contents
   */
  signing(): Promise<SigningKey> {
    return this.#of(periodAt(Date.now()));
  }

  /**
   * The public keys of all tokens that are not over, and that of tokens soon to come.
   *
   * @throws Error as above
   */
  async published(): Promise<KeySet> {
    const now = Date.now();
    const current = periodAt(now);
    const periods = new Set([current, periodAt(now + PUBLISHED_BEFORE)]);
    const before = periodAt(now - PUBLISHED_AFTER);
    if (before !== current && (await this.#kept()).includes(before)) periods.add(before);
    const keys = await Promise.all([...periods].map((period) => this.#of(period)));
    return { keys: keys.map(({ jwk }) => jwk) };
  }

  #of(period: number): Promise<SigningKey> {
    const known = this.#keys.get(period);
    if (known !== undefined) return known;
    const key = this.#readOrMake(period);
    this.#keys.set(period, key);
    key.catch(() => this.#keys.delete(period)); // whoever asks next tries again
    return key;
  }

  async #readOrMake(period: number): Promise<SigningKey> {
    const path = join(this.#directory, `${period}.pem`);
    if (!(await this.#kept()).includes(period)) {
      await makeOnce(this.#directory, path);
      await this.#removeBefore(period - 1);
    }
    return read(path);
  }

  /** The periods of which there are keys. */
  async #kept(): Promise<readonly number[]> {
    const names = await readdir(this.#directory).catch((thrown: unknown) => {
      if (systemErrorCode(thrown) === 'ENOENT') return [];
      throw thrown;
    });
    return names.flatMap((name) => FILE.exec(name)?.[1] ?? []).map(Number);
  }

  /** No token of an older key is good any more, and nobody is to sign with it. */
  async #removeBefore(period: number): Promise<void> {
    const old = (await this.#kept()).filter((kept) => kept < period);
    for (const each of old) {
      this.#keys.delete(each);
      await rm(join(this.#directory, `${each}.pem`), { force: true });
    }
  }
}

function periodAt(now: number): number {
  return Math.floor(now / PERIOD);
}

/** Makes a key's file, readable for the gateway alone; of several that make it at once, the first does. */
async function makeOnce(directory: string, path: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const partial = join(directory, `${randomUUID()}.partial`);
  const file = await open(partial, 'wx', 0o600);
  try {
    await file.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await file.sync();
    await link(partial, path).catch((thrown: unknown) => {
      if (systemErrorCode(thrown) !== 'EEXIST') throw thrown;
    });
  } finally {
    await file.close();
    await rm(partial, { force: true });
  }
}

async function read(path: string): Promise<SigningKey> {
  const { text } = await readSecret(path);
  const privateKey = keyIn(text);
  if (privateKey?.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Error(`${path} holds no P-256 key; remove it, and another is made`);
  const { kty = '', crv = '', x = '', y = '' } = await exportJWK(createPublicKey(privateKey));
  const jwk = { kty, crv, x, y };
  const kid = await calculateJwkThumbprint(jwk);
  return { privateKey, jwk: { ...jwk, kid, alg: ALGORITHM, use: 'sig' } };
}

/** The parser's own error is dropped: nothing of a private key is to be repeated. */
function keyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
