import { createHash, createHmac, sign as signBytes } from 'node:crypto';
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
  /** In place of a signature with the signer's private key. */
  readonly signedWith?: 'nothing' | 'the public key as a secret';
  readonly damage?: Damage;
}

/** How an archive is written otherwise than it should be; texts are Latin-1, one character a byte. */
export interface Damage {
  /** Text put over the first entry's header, whose checksum is then right again, unless it was put over that. */
  readonly header?: { readonly at: number; readonly text: string };
  /** Text put over the tar archive, at bytes counted from its beginning or, where negative, its end. */
  readonly tar?: { readonly at: number; readonly text: string };
  /** How many bytes the tar archive loses at its end. */
  readonly cut?: number;
  /** Put after the tar archive: text, the whole archive once more, or some blocks of zeros. */
  readonly afterTar?: string | 'ITSELF' | 'ZEROS';
  /** How many bytes of the tar archive are in a gzip member of their own, before one with the rest. */
  readonly firstMember?: number;
  /** Text put over the gzip file's header. */
  readonly gzip?: { readonly at: number; readonly text: string };
  /** Put after the gzip file: text, the whole file once more, or its last eight bytes. */
  readonly afterGzip?: string | 'ITSELF' | 'TRAILER';
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
  { entries = [], prefix = '/', damage = {} }: Pick<Forgery, 'entries' | 'prefix' | 'damage'> = {},
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
  return compress(damageTar(Buffer.concat(chunks), damage), damage);
}

function damageTar(whole: Buffer, { header, tar: over, cut = 0, afterTar = '' }: Damage): Buffer {
  const tar = whole.subarray(0, whole.length - cut);
  if (over !== undefined) tar.write(over.text, over.at < 0 ? tar.length + over.at : over.at, 'latin1');
  if (header !== undefined) {
    tar.write(header.text, header.at, 'latin1');
    if (header.at !== CHECKSUM.at) rightenChecksum(tar);
  }
  const more = { ITSELF: tar, ZEROS: Buffer.alloc(3 * 512) }[afterTar] ?? Buffer.from(afterTar, 'latin1');
  return Buffer.concat([tar, more]);
}

const CHECKSUM = { at: 148, bytes: 8 } as const;

function rightenChecksum(tar: Buffer): void {
  tar.fill(' ', CHECKSUM.at, CHECKSUM.at + CHECKSUM.bytes);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM.at, 'latin1');
}

function compress(tar: Buffer, { firstMember, gzip, afterGzip = '' }: Damage): Buffer {
  const parts = firstMember === undefined ? [tar] : [tar.subarray(0, firstMember), tar.subarray(firstMember)];
  const file = Buffer.concat(parts.map((part) => gzipSync(part, { level: 1 })));
  if (gzip !== undefined) file.write(gzip.text, gzip.at, 'latin1');
  const more = { ITSELF: file, TRAILER: file.subarray(-8) }[afterGzip] ?? Buffer.from(afterGzip, 'latin1');
  return Buffer.concat([file, more]);
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
  if (forgery.signedWith === 'nothing') return `${signing}.`;
  if (forgery.signedWith === 'the public key as a secret') {
    return `${signing}.${createHmac('sha256', KEY.publicKeyPem).update(signing).digest('base64url')}`;
  }
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
