import { createHash, sign as signBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';
import { canonicalJson } from '../../src/bundles/canonical-json.js';
import { readStrictJson } from '../../src/bundles/strict-json.js';
import { type Files, KEY, STRANGER } from './project.js';

/** How a case's archive differs from a good one; whatever is not said is as in the good one. */
export interface Forgery {
  /** Files as whoever holds the signing key signs them. */
  readonly signed?: Files;
  /** Files as they are changed after the signature. */
  readonly tampered?: Files;
  readonly signer?: 'trusted' | 'stranger';
  readonly header?: Readonly<Record<string, unknown>>;
  /** Members of the payload; null takes one away. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Changes of one file's listing; "twice" lists it twice, null not at all. */
  readonly listing?: Readonly<Record<string, { hash?: string; algorithm?: string } | 'twice' | null>>;
  /** Text in place of `.signatures.json`, `TOKEN` standing for the good token; null for no such file. */
  readonly signatures?: string | null;
  /** Entries put in front of the files. */
  readonly entries?: readonly Partial<Header>[];
  /** Put before each name. */
  readonly prefix?: string;
}

export type Contents = ReadonlyMap<string, Buffer>;

export async function unpack(archive: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = extract();
  entries.end(gunzipSync(archive));
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files.set(entry.header.name.replace(/^\//, ''), Buffer.concat(chunks));
  }
  return files;
}

export async function packFiles(
  files: Contents,
  { entries = [], prefix = '/' }: Pick<Forgery, 'entries' | 'prefix'> = {},
): Promise<Buffer> {
  const tar = pack();
  for (const { name = '', ...rest } of entries) {
    if (rest.type === undefined) tar.entry({ name, ...rest }, 'forged');
    else tar.entry({ name, ...rest });
  }
  for (const [name, bytes] of files) tar.entry({ name: prefix + name }, bytes);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks), { level: 1 });
}

/** Makes the archive of a case from a good bundle's files. */
export async function forge(good: Contents, forgery: Forgery): Promise<Buffer> {
  const files = new Map(good);
  change(files, forgery.signed);
  const token = sign(files, forgery);
  const signatures = forgery.signatures === undefined ? '{"signatures":["TOKEN"]}' : forgery.signatures;
  change(files, { '.signatures.json': signatures?.replaceAll('TOKEN', token) ?? null });
  change(files, forgery.tampered);
  return packFiles(files, forgery);
}

function change(files: Map<string, Buffer>, changes: Files = {}): void {
  for (const [name, text] of Object.entries(changes)) {
    if (text === null) files.delete(name);
    else files.set(name, Buffer.from(text));
  }
}

/** By hand, as jose refuses to make some of what is to be refused. */
function sign(files: Contents, forgery: Forgery): string {
  const listed = [...files]
    .filter(([name]) => name !== '.signatures.json')
    .flatMap(([name, bytes]) => {
      const differs = forgery.listing?.[name];
      if (differs === null) return [];
      const hash = createHash('sha256').update(hashed(name, bytes)).digest('hex');
      const entry = { name, hash, algorithm: 'SHA-256', ...(differs === 'twice' ? {} : differs) };
      return differs === 'twice' ? [entry, entry] : [entry];
    });
  const payload = { files: listed, keyid: KEY.id, scope: 'tiny', ...forgery.payload };
  const kept = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== null));
  const { privateKeyPem } = forgery.signer === 'stranger' ? STRANGER : KEY;
  const signing = [{ alg: 'ES256', typ: 'JWT', ...forgery.header }, kept]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const key = { key: privateKeyPem, dsaEncoding: 'ieee-p1363' as const };
  return `${signing}.${signBytes('sha256', Buffer.from(signing), key).toString('base64url')}`;
}

/** What a digest is taken of; a malformed document's own bytes, as no digest is looked at then. */
function hashed(name: string, bytes: Buffer): Buffer | string {
  if (!/(?:^|\/)(?:data\.json|\.manifest)$/.test(name)) return bytes;
  try {
    return canonicalJson(readStrictJson(bytes));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return bytes;
    throw thrown;
  }
}
