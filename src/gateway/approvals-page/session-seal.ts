/**
 * What is kept of a session: encrypted and authenticated (AES-256-GCM), with a key of two halves. One is the gateways', which
 * may lie beside the store; the other is the cookie, which is nowhere but in a browser. So neither the store nor the state
 * folder is enough to become somebody, nor to make somebody up.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { type Principal, shapeCheck } from '../../domain/index.js';
import type { PageSessionRecord } from '../store.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a session says of its owner. */
export interface SessionContent {
  readonly principal: Principal;
  /** What a request that changes something has to repeat; another site cannot read it. */
  readonly csrfToken: string;
}

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;
const isContent = shapeCheck<SessionContent>({
  type: 'object',
  required: ['principal', 'csrfToken'],
  properties: {
    principal: {
      type: 'object',
      required: [
        'id',
        'issuer',
        'subject',
        'client_id',
        'kind',
        'groups',
        'roles',
        'scopes',
        'claims',
        'binding',
      ],
      properties: {
        id: text,
        issuer: text,
        subject: text,
        client_id: text,
        kind: text,
        groups: texts,
        roles: texts,
        scopes: texts,
        claims: { type: 'object' },
        binding: text,
      },
    },
    csrfToken: text,
  },
});

/** By what a session is found: of a cookie that nobody can guess, so that a plain digest leads nowhere back. */
export function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

/**
 * @param secret that all gateways of the store have, 32 bytes or more
 * @param id the cookie's value
 */
export function sealSession(
  secret: Buffer,
  id: string,
  { until, content }: { readonly until: number; readonly content: SessionContent },
): PageSessionRecord {
  const person = createHmac('sha256', key(secret, '', 'person'))
    .update(content.principal.id)
    .digest('base64url');
  const found = { digest: digestOf(id), person, until };
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key(secret, id, 'key'), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(outside(found));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
  return { ...found, sealed: Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url') };
}

/** What was sealed for this cookie; undefined where the row is another one's, or was changed. */
export function openSession(
  secret: Buffer,
  id: string,
  record: PageSessionRecord,
): SessionContent | undefined {
  const bytes = Buffer.from(record.sealed, 'base64url');
  if (bytes.byteLength < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key(secret, id, 'key'), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(outside(record));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  let opened: Buffer;
  try {
    opened = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined; // nobody sealed it who has both halves
  }
  const content: unknown = JSON.parse(opened.toString());
  return isContent(content) ? content : undefined;
}

/** What stands in the row beside it, bound to it: no row lives on with another one's end. */
function outside({ digest, person, until }: Omit<PageSessionRecord, 'sealed'>): Buffer {
  return Buffer.from(JSON.stringify([digest, person, until]));
}

function key(secret: Buffer, id: string, what: 'key' | 'person'): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, id, `regate page session: ${what}`, 32));
}
