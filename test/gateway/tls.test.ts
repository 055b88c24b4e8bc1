import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import type { VerifiedBundle } from '../../src/domain/index.js';
import { readTlsFiles } from '../../src/gateway/tls.js';
import { until } from '../identity/issuer.js';
import { proofKey, proofOf } from '../identity/proof.js';
import { bundleOf } from '../policy/compile.js';
import { authority, localhostCertificate, type ServerCertificate } from './certificate.js';
import { call, Harness } from './harness.js';

const RESULT = '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}';
const POLICY = `package regate.main

decision := {"effect": "allow", "reasons": [], "mask": [], "labels": [input.principal.binding]}
`;
const known = authority('clients');
const client = known.issue('client');
const other = known.issue('other');
const selfSigned = localhostCertificate();

let folder: string;
let bundle: VerifiedBundle;
let harness: Harness | undefined;

beforeAll(async () => {
  bundle = await bundleOf(POLICY);
  folder = mkdtempSync(join(tmpdir(), 'regate-tls-'));
  writeFileSync(file('ca.pem'), known.certificate);
});
afterAll(() => rmSync(folder, { recursive: true }));

afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

function file(name: string): string {
  return join(folder, name);
}

/** Puts the gateway's own certificate in place. */
function install({ certificate, key }: ServerCertificate): void {
  writeFileSync(file('key.pem'), key);
  writeFileSync(file('cert.pem'), certificate);
}

type ClientCertificates = 'none' | 'optional' | 'required';

async function start(
  clientCertificates: ClientCertificates,
  { withAuthority = false, trustedProxies = [] as string[], own = localhostCertificate() } = {},
): Promise<Harness> {
  install(own);
  harness = await Harness.start({
    bundle,
    dpop: { nonceRequired: false },
    trustedProxies,
    tls: {
      certificateFile: file('cert.pem'),
      keyFile: file('key.pem'),
      clientCertificates,
      ...(withAuthority && { clientCaFile: file('ca.pem') }),
    },
  });
  harness.answerJson(RESULT);
  return harness;
}

/** The digest of a certificate as tokens name it. */
function digestOf({ certificate }: ServerCertificate): string {
  const hex = new X509Certificate(certificate).fingerprint256.replaceAll(':', '');
  return Buffer.from(hex, 'hex').toString('base64url');
}

/** A call over a connection of its own: its status, or the code of the error that ended it. */
async function send(
  to: Harness,
  from: ServerCertificate | undefined,
  { claims = {}, headers = {} as Record<string, string> } = {},
): Promise<number | string> {
  const token = await to.token(claims);
  const options: RequestOptions = {
    method: 'POST',
    ...(from !== undefined && { cert: from.certificate, key: from.key }),
    rejectUnauthorized: false,
    agent: new Agent({ keepAlive: false }),
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
  };
  return new Promise((resolve) => {
    const request = httpsRequest(`${to.url}/mcp/tools`, options, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    request.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    request.end(JSON.stringify(call('echo')));
  });
}

const boundTo = (certificate: ServerCertificate) => ({
  claims: { cnf: { 'x5t#S256': digestOf(certificate) } },
});

test('a token that is bound to a certificate needs a connection with it', async () => {
  const gateway = await start('optional');
  expect(await send(gateway, client, boundTo(client))).toBe(200);
  expect(await send(gateway, selfSigned, boundTo(selfSigned))).toBe(200);
  expect((await gateway.decisions()).filter(({ labels }) => labels[0] === 'mtls').length).toBeGreaterThan(1);
  const { length } = gateway.seen;
  expect(await send(gateway, other, boundTo(client))).toBe(401);
  expect(await send(gateway, undefined, boundTo(client))).toBe(401);
  const header = `:${new X509Certificate(client.certificate).raw.toString('base64')}:`;
  const claimed = { ...boundTo(client), headers: { 'client-cert': header } };
  expect(await send(gateway, undefined, claimed)).toBe(401);
  expect(await send(gateway, other, claimed)).toBe(401);
  expect(gateway.seen).toHaveLength(length);
  // Who brings one and a token that is bound to nothing is who the token says.
  expect(await send(gateway, other)).toBe(200);
  expect(await send(gateway, undefined)).toBe(200);
});

test('with an authority, certificates of others count as none', async () => {
  const gateway = await start('optional', { withAuthority: true });
  expect(await send(gateway, client, boundTo(client))).toBe(200);
  expect(await send(gateway, selfSigned, boundTo(selfSigned))).toBe(401);
  expect(await send(gateway, selfSigned)).toBe(200);
});

test('where nobody is asked for a certificate, none counts', async () => {
  const gateway = await start('none');
  expect(await send(gateway, client, boundTo(client))).toBe(401);
  expect(await send(gateway, client)).toBe(200);
});

test.each([false, true])(
  'where one is required, a connection without it fails (authority: %s)',
  async (withAuthority) => {
    const gateway = await start('required', { withAuthority });
    expect(await send(gateway, client, boundTo(client))).toBe(200);
    expect(await send(gateway, client)).toBe(200);
    expect(await send(gateway, undefined)).toMatch(/ECONNRESET|EPIPE/);
    expect(await send(gateway, selfSigned)).toEqual(
      withAuthority ? expect.stringMatching(/ECONNRESET|EPIPE/) : 200,
    );
  },
);

test("a trusted proxy's own certificate is not its callers'", async () => {
  const gateway = await start('optional', { trustedProxies: ['127.0.0.1'] });
  expect(await send(gateway, client, boundTo(client))).toBe(401);
  const header = `:${new X509Certificate(client.certificate).raw.toString('base64')}:`;
  expect(await send(gateway, other, { ...boundTo(client), headers: { 'client-cert': header } })).toBe(200);
});

test('a resumed connection has the certificate of the one before', async () => {
  const gateway = await start('optional', { withAuthority: true });
  const session = await sessionOf(gateway, client);
  const token = await gateway.token(boundTo(client).claims);
  const body = JSON.stringify(call('echo'));
  const socket = await connected(gateway, undefined, session);
  expect(socket.isSessionReused()).toBe(true);
  const { host } = new URL(gateway.url);
  socket.write(
    `POST /mcp/tools HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n` +
      'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

test('versions of TLS before 1.2 are refused', async () => {
  const gateway = await start('none');
  const { port } = new URL(gateway.url);
  const old = await new Promise((resolve) => {
    const options = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const socket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false, ...options });
    socket.once('secureConnect', () => resolve('connected'));
    socket.once('error', () => resolve('refused'));
  });
  expect(old).toBe('refused');
});

test('files that change are read again, and those that cannot serve are not taken', async () => {
  const [first, second] = [localhostCertificate(), localhostCertificate()];
  const gateway = await start('none', { own: first });
  expect(await servedBy(gateway)).toBe(digestOf(first));
  writeFileSync(file('cert.pem'), second.certificate); // its key is yet to come
  await until(() => gateway.log.join('').includes('the last good ones serve on'));
  expect(await servedBy(gateway)).toBe(digestOf(first));
  writeFileSync(file('key.pem'), second.key);
  await until(() => gateway.log.join('').includes('were read again'));
  expect(await servedBy(gateway)).toBe(digestOf(second));
  rmSync(file('cert.pem'));
  await until(() => gateway.log.join('').includes('cannot be read'));
  expect(await send(gateway, undefined)).toBe(200);
  expect(gateway.log.join('')).not.toContain('PRIVATE KEY');
});

test.each([
  ['tls_file_unreadable', () => rmSync(file('key.pem'))],
  ['tls_certificate_invalid', () => writeFileSync(file('cert.pem'), 'no certificate')],
  ['tls_key_invalid', () => writeFileSync(file('key.pem'), 'no key')],
  ['tls_key_mismatch', () => writeFileSync(file('key.pem'), client.key)],
  ['tls_client_ca_invalid', () => writeFileSync(file('ca.pem'), 'no certificate')],
])('a gateway does not start with what is %s', async (code, spoil) => {
  const own = localhostCertificate();
  install(own);
  spoil();
  await expect(
    readTlsFiles({
      certificateFile: file('cert.pem'),
      keyFile: file('key.pem'),
      clientCertificates: 'optional',
      clientCaFile: file('ca.pem'),
    }),
  ).rejects.toMatchObject({ code, nextStep: expect.stringMatching(/./) });
  writeFileSync(file('ca.pem'), known.certificate);
});

test('clients of 2024-11-05 are served, whatever certificates are asked for', async () => {
  const gateway = await start('required');
  const socket = await connected(gateway, client);
  const { host } = new URL(gateway.url);
  const token = await gateway.token();
  const bearer = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n`;
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(`GET /mcp/tools/sse HTTP/1.1\r\n${bearer}\r\n`);
  await until(() => /data: (\S+)\r?\n/.test(text));
  const [, endpoint = ''] = /data: (\S+)/.exec(text) ?? [];
  const body = JSON.stringify(call('echo'));
  const posting = await connected(gateway, client);
  posting.resume();
  posting.write(
    `POST ${endpoint} HTTP/1.1\r\n${bearer}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await until(() => text.includes('"result"'));
  socket.destroy();
  posting.destroy();
  const key = await proofKey();
  const bound = await gateway.token({ cnf: { jkt: key.thumbprint } });
  const proof = proofOf(key, { token: bound, method: 'POST', url: 'http://gateway.test/mcp/tools' });
  expect(await send(gateway, client, { headers: { authorization: `DPoP ${bound}`, dpop: proof } })).toBe(200);
});

/** A connection that is made. */
async function connected(to: Harness, from?: ServerCertificate, session?: Buffer): Promise<TLSSocket> {
  const socket = connect({
    port: Number(new URL(to.url).port),
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(from !== undefined && { cert: from.certificate, key: from.key }),
    ...(session !== undefined && { session }),
  });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

async function sessionOf(to: Harness, from: ServerCertificate): Promise<Buffer> {
  const socket = await connected(to, from);
  const session = await new Promise<Buffer>((resolve) => socket.once('session', resolve).resume());
  socket.destroy();
  return session;
}

/** The digest of the certificate that the gateway shows. */
async function servedBy(to: Harness): Promise<string> {
  const socket = await connected(to);
  const shown = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '') ?? '';
  socket.destroy();
  return Buffer.from(shown, 'hex').toString('base64url');
}
