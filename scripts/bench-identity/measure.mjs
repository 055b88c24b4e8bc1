/** Verifies tokens of an issuer on this machine, and looks at the clock. */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createIdentifier } from '../../dist/identity/index.js';
import { openStore } from '../../dist/store/index.js';

/** @typedef {{ what: string, p50: number, p99: number, cpu: number }} Row microseconds for one token */

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const AUDIENCE = 'https://gateway.example/mcp';
const REQUEST = { method: 'POST', url: 'https://gateway.example/mcp/tools' };
/** A known token takes about as long as looking at the clock does: so many are timed as one. */
const KNOWN_AT_ONCE = 100;
/** What a CI job's token says, which are among the larger ones. */
const CLAIMS = {
  repository: 'octo-org/octo-repo',
  repository_id: '74',
  repository_owner: 'octo-org',
  repository_owner_id: '65',
  repository_visibility: 'private',
  ref: 'refs/heads/main',
  ref_type: 'branch',
  sha: '714a629c0b401fdce83e847fc9589983fc6f46bc',
  environment: 'prod',
  event_name: 'workflow_dispatch',
  workflow: 'deploy',
  workflow_ref: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
  job_workflow_ref: 'octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main',
  actor: 'octocat',
  actor_id: '12',
  runner_environment: 'github-hosted',
  run_id: '1658821493',
  client_id: 'octo-org/octo-repo',
};

/**
 * @param {boolean} quick
 * @param {(detail: string) => void} report
 * @returns {Promise<Row[]>} of new tokens by algorithm, of a known one with proofs, then of known ones
 */
export async function measure(quick, report) {
  const count = quick ? 100 : 2_000;
  const keys = await Promise.all(ALGORITHMS.map((alg) => generateKeyPair(alg, { extractable: true })));
  const jwks = await Promise.all(keys.map(({ publicKey }) => exportJWK(publicKey)));
  const published = jwks.map((jwk, index) => ({
    ...jwk,
    alg: ALGORITHMS[index],
    kid: ALGORITHMS[index],
    use: 'sig',
  }));
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: published })));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const directory = await mkdtemp(join(tmpdir(), 'regate-bench-'));
  const store = await openStore(join(directory, 'regate.db'));
  const identifier = await startIdentifier(issuer, store.proofs);
  try {
    const rows = [];
    for (const [index, alg] of ALGORITHMS.entries()) {
      report(`new tokens, ${alg}`);
      const tokens = await signTokens(count, alg, keys[index].privateKey, issuer);
      const warm = tokens.splice(0, count / 2);
      await timeEach(warm, identifier);
      rows.push({ what: `new, ${alg}`, ...(await timeEach(tokens, identifier)) });
      if (index > 0) continue;
      report('known tokens');
      await timeKnown(tokens, identifier, quick ? 20 : 500);
      rows.push({ what: 'known', ...(await timeKnown(tokens, identifier, quick ? 100 : 5_000)) });
    }
    report('a known token with proofs');
    const proven = await signProofs(count, keys[1].privateKey, issuer);
    await timeProven(proven.splice(0, count / 2), identifier);
    rows.push({ what: 'known, DPoP', ...(await timeProven(proven, identifier)) });
    return [...rows.filter(({ what }) => what !== 'known'), ...rows.filter(({ what }) => what === 'known')];
  } finally {
    identifier.close();
    server.close();
    await store.close();
    await rm(directory, { recursive: true });
  }
}

async function startIdentifier(issuer, store) {
  const identifier = createIdentifier({
    dpop: { algorithms: ['ES256'], maxAgeSeconds: 300, store },
    issuers: [
      {
        issuer,
        audiences: [AUDIENCE],
        algorithms: ALGORITHMS,
        maxTokenLifeSeconds: 3600,
        clockToleranceSeconds: 5,
        claims: {},
        jwksUri: `${issuer}/keys`,
      },
    ],
  });
  identifier.start();
  while (!identifier.status().every(({ ready }) => ready)) await wait(5);
  return identifier;
}

/** Headers' values as they come from the wire: their bytes. */
async function signTokens(count, alg, key, issuer) {
  const sign = (index) =>
    new SignJWT({ ...CLAIMS, jti: `${alg}-${index}` })
      .setProtectedHeader({ alg, kid: alg })
      .setIssuer(issuer)
      .setAudience(AUDIENCE)
      .setSubject('repo:octo-org/octo-repo:environment:prod')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(key);
  const tokens = [];
  for (let index = 0; index < count; index += 1) tokens.push(Buffer.from(`Bearer ${await sign(index)}`));
  return tokens;
}

async function timeEach(tokens, identifier) {
  return timed(tokens.length, 1, (index) =>
    identifier.identify({ authorization: tokens[index].toString('latin1') }),
  );
}

/** A header's value is another string each time, as it is with each request. */
async function timeKnown(tokens, identifier, samples) {
  return timed(samples, KNOWN_AT_ONCE, (index) =>
    identifier.identify({ authorization: tokens[index % tokens.length].toString('latin1') }),
  );
}

/** Credentials of one token that is bound to a key, each with a proof of its own (ES256). */
async function signProofs(count, issuerKey, issuer) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const token = await new SignJWT({ ...CLAIMS, cnf: { jkt: await calculateJwkThumbprint(jwk) } })
    .setProtectedHeader({ alg: 'ES256', kid: 'ES256' })
    .setIssuer(issuer)
    .setAudience(AUDIENCE)
    .setSubject('repo:octo-org/octo-repo:environment:prod')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(issuerKey);
  const ath = createHash('sha256').update(token).digest('base64url');
  const sign = () =>
    new SignJWT({ htm: REQUEST.method, htu: REQUEST.url, ath, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(privateKey);
  const credentials = [];
  for (let index = 0; index < count; index += 1)
    credentials.push({ authorization: `DPoP ${token}`, proof: { ...REQUEST, headers: [await sign()] } });
  return credentials;
}

async function timeProven(credentials, identifier) {
  return timed(credentials.length, 1, (index) => identifier.identify(credentials[index]));
}

/** @returns {Promise<Omit<Row, 'what'>>} */
async function timed(samples, calls, call) {
  const durations = [];
  const cpuBefore = process.cpuUsage();
  for (let sample = 0; sample < samples; sample += 1) {
    const started = process.hrtime.bigint();
    for (let index = 0; index < calls; index += 1) await call(sample * calls + index);
    durations.push(Number(process.hrtime.bigint() - started) / 1_000 / calls);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  durations.sort((one, other) => one - other);
  const at = (share) => durations[Math.min(durations.length - 1, Math.floor(durations.length * share))];
  return { p50: at(0.5), p99: at(0.99), cpu: (user + system) / (samples * calls) };
}
