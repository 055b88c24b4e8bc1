import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeThrown, systemErrorCode } from '../domain/index.js';
import { refuse } from './errors.js';

const OWNER_ONLY = 0o600;

/**
 * The key that signs grants; made where there is none. Of several processes that make it at once one does, and all use
 * that one's. Where it changes, no grant of before counts any more.
 *
 * @param path - of a file in PEM; one that is made can be read by its owner only
 * @returns a private Ed25519 key
 * @throws {ApprovalsError} `key_unusable`
 */
export async function openGrantKey(path: string): Promise<KeyObject> {
  try {
    return readKey((await readIfAny(path)) ?? (await makeKey(path)), path);
  } catch (thrown) {
    if (systemErrorCode(thrown) === undefined) throw thrown;
    throw refuse(
      'key_unusable',
      `the key of grants at ${path} cannot be had (${describeThrown(thrown)})`,
      thrown,
    );
  }
}

async function readIfAny(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (systemErrorCode(thrown) !== 'ENOENT') throw thrown;
    return undefined;
  }
}

/** Written beside its place and linked into it, which fails where there is one: no reader sees a part of a key. */
async function makeKey(path: string): Promise<string> {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    const file = await open(partial, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(pem);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(partial, path).catch((thrown: unknown) => {
      if (systemErrorCode(thrown) !== 'EEXIST') throw thrown;
    });
  } finally {
    await rm(partial, { force: true });
  }
  return readFile(path, 'utf8');
}

/** The parser's own error is dropped: nothing of a private key is to be repeated. */
function readKey(pem: string, path: string): KeyObject {
  const key = parsed(pem);
  if (key?.asymmetricKeyType !== 'ed25519')
    throw refuse('key_unusable', `${path} holds no private Ed25519 key in PEM`);
  return key;
}

function parsed(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
