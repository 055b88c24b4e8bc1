import { readFileSync } from 'node:fs';
import {
  type BundleServerOptions,
  type ChannelAction,
  createBundleServer,
  fetchRevision,
  findRevision,
  listRevisions,
  mayChange,
  openDirectoryStore,
  type PublisherRule,
  promoteBundle,
  publishBundle,
  type RevisionStore,
} from '../../src/bundles/index.js';
import { mustNotOverlap } from '../../src/bundles/server/roots.js';
import { digestOf } from '../../src/bundles/verification.js';
import { forge, unpack } from './forge.js';
import { manifestOf, type Said } from './gateway.js';
import { closeServers, Refused, serve } from './http.js';
import { buildTiny, KEY, removeScratch, scratchPath } from './project.js';
import { stateOf } from './published.js';

const readCases = (name: string) =>
  JSON.parse(readFileSync(new URL(`../cases/bundles/${name}.json`, import.meta.url), 'utf8'));

let files: Map<string, Buffer>;
let store: RevisionStore;
let asked: object[];
let logged: { message: string; details: object }[];

beforeAll(async () => {
  files = await unpack((await buildTiny()).archive);
});
beforeEach(async () => {
  store = openDirectoryStore(await scratchPath());
  asked = [];
  logged = [];
});
afterEach(closeServers);
afterAll(removeScratch);

const token = 'any';
const log = (message: string, details: object) => logged.push({ message, details });
const archiveOf = (said: Said, roots?: readonly string[]) => {
  const manifest = { ...JSON.parse(manifestOf(said)), ...(roots && { roots }) };
  return forge(files, { signed: { '.manifest': JSON.stringify(manifest) } });
};

async function serveStore(options: Partial<BundleServerOptions> = {}): Promise<string> {
  const app = createBundleServer({
    store,
    trust: { keys: [KEY], scope: 'tiny' },
    publisher: async (authorization, _action, target) => {
      asked.push(target);
      if (authorization === 'Bearer stranger') throw new Refused(403);
      return { principal: 'issuer|publisher' };
    },
    log: { info: log, error: log },
    ...options,
  });
  return `${(await serve(app)).url}/bundles/tiny`;
}

describe('channels', () => {
  test('what is published to one is current there and nowhere else', async () => {
    const url = await serveStore();
    const [r1, r2] = [await archiveOf({ revision: 'r1', serial: 2 }), await archiveOf({ serial: 1 })];
    const stable = await publishBundle({ url, archive: r1, token });
    const canary = await publishBundle({ url, channel: 'canary', archive: r2, token });
    expect([stable.channel, canary.channel]).toEqual(['stable', 'canary']);
    const etag = async (path: string) => (await fetch(url + path)).headers.get('etag');
    expect(await etag('')).toBe(`"${stable.digest}"`);
    expect(await etag('/channels/stable')).toBe(`"${stable.digest}"`);
    expect(await etag('/channels/canary')).toBe(`"${canary.digest}"`);
    expect((await fetch(`${url}/channels/beta`)).status).toBe(404);
    expect(asked).toEqual([
      { bundle: 'tiny', channel: 'stable' },
      { bundle: 'tiny', channel: 'canary' },
    ]);
  });

  test('are listed, each with what is current in it, since when and by whom', async () => {
    const url = await serveStore();
    await publishBundle({ url, channel: 'canary', archive: await archiveOf({ serial: 1 }), token });
    await promoteBundle({ url, from: 'canary', to: 'stable', token });
    const published = { revision: 'r', serial: 1, published_by: 'issuer|publisher', by: 'issuer|publisher' };
    expect(await (await fetch(`${url}/channels`)).json()).toEqual({
      channels: [
        expect.objectContaining({ channel: 'canary', ...published, since: expect.stringMatching(/Z$/) }),
        expect.objectContaining({ channel: 'stable', ...published, promoted_from: 'canary' }),
      ],
    });
    expect(await listRevisions(url)).toMatchObject([
      { revision: 'r', roots: ['tiny', 'settings'], channels: ['canary', 'stable'] },
    ]);
    expect(logged.map(({ message }) => message)).toEqual(['bundle published', 'bundle promoted']);
  });

  test('the same bundle twice changes nothing', async () => {
    const url = await serveStore();
    const archive = await archiveOf({ serial: 1 });
    await publishBundle({ url, archive, token });
    const before = await store.current('tiny', 'stable');
    await publishBundle({ url, archive, token });
    expect(await store.current('tiny', 'stable')).toEqual(before);
  });

  test('a bundle of nothing but data is published like another', async () => {
    const url = await serveStore();
    const manifest = JSON.stringify({ revision: 'data', roots: ['settings'] });
    const rego = [...files.keys()].filter((name) => name.endsWith('.rego'));
    const gone = Object.fromEntries(['policy.wasm', ...rego].map((name) => [name, null]));
    const archive = await forge(files, { signed: { ...gone, '.manifest': manifest } });
    await publishBundle({ url, archive, token });
    expect(await store.current('tiny', 'stable')).toMatchObject({ revision: 'data', roots: ['settings'] });
  });
});

describe('a revision', () => {
  test('is served for ever by its digest, whatever is current', async () => {
    const url = await serveStore();
    const archive = await archiveOf({ revision: 'old', serial: 1 });
    const { digest } = await publishBundle({ url, archive, token });
    await publishBundle({ url, archive: await archiveOf({ serial: 2 }), token });
    for (const written of [digest, digest.replace(':', '-')]) {
      const response = await fetch(`${url}/revisions/${written}`);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable, no-transform',
        'content-type': 'application/gzip',
        etag: `"${digest}"`,
      });
      expect(response.headers.get('vary')).toBeNull();
      expect(Buffer.from(await response.arrayBuffer())).toEqual(archive);
    }
    const again = await fetch(`${url}/revisions/${digest}`, { headers: { 'If-None-Match': `"${digest}"` } });
    expect([again.status, again.headers.get('etag')]).toEqual([304, `"${digest}"`]);
    const elsewhere = await fetch(`${url.replace('tiny', 'other')}/revisions/${digest}`);
    expect(elsewhere.status).toBe(404);
  });

  test('is fetched by those who make sure that it is the one', async () => {
    const url = await serveStore();
    const archive = await archiveOf({ revision: 'old', serial: 1 });
    const { digest } = await publishBundle({ url, archive, token });
    expect(await fetchRevision(url, digest)).toEqual(archive);
    const liar = await serve((_, response) => response.end('another'));
    await expect(fetchRevision(liar.url, digest)).rejects.toMatchObject({ code: 'archive_invalid' });
  });

  test('is found by its name or its digest, and where a name means several it is said', () => {
    const listed = (revision: string, digest: string, more: object = {}) => ({
      ...stateOf({ revision, digest: `sha256:${digest.repeat(64)}` }),
      ...more,
      channels: [],
    });
    const back = listed('r1', '3', { rollback_to: 'r1' });
    const revisions = [back, listed('r2', '2'), listed('r1', '1')];
    expect(findRevision(revisions, 'r1').digest).toMatch(/1$/);
    expect(findRevision(revisions, back.digest)).toBe(back);
    expect(findRevision(revisions, back.digest.replace(':', '-'))).toBe(back);
    for (const [all, wanted] of [
      [revisions, 'r3'],
      [[...revisions, listed('r2', '4')], 'r2'],
    ] as const) {
      expect(() => findRevision(all, wanted)).toThrow(expect.objectContaining({ code: 'revision_unknown' }));
    }
  });
});

interface PromotionCase {
  readonly name: string;
  readonly demanded?: number;
  readonly canary: readonly Said[];
  readonly stable: readonly Said[];
  /** The digest is given by the revision. */
  readonly request: { readonly digest?: string };
  readonly totals?: Awaited<ReturnType<NonNullable<BundleServerOptions['shadowTotals']>>>;
  readonly expected: {
    readonly status: number;
    readonly revision?: string;
    readonly code?: string;
    readonly message?: string;
  };
}

describe('a promotion', () => {
  const bytesOf = ({ revision = '' }: Said) => Buffer.from(revision);
  const seed = (channel: string, said: Said) => {
    const { rollback: _, ...revision } = said;
    return store.advance(
      () => stateOf({ ...revision, digest: digestOf(bytesOf(said)), channel }),
      bytesOf(said),
    );
  };
  const promote = (url: string, body: string, channel = 'stable') =>
    fetch(`${url}/channels/${channel}/promotion`, { method: 'POST', body });

  test.each(readCases('promotions') as PromotionCase[])('of $name', async (wanted) => {
    for (const said of wanted.canary) await seed('canary', said);
    for (const said of wanted.stable) await seed('stable', said);
    const before = await store.current('tiny', 'stable');
    const of: string[] = [];
    const { totals } = wanted;
    const url = await serveStore({
      ...(wanted.demanded !== undefined && { shadowDecisions: wanted.demanded }),
      ...(totals !== undefined && {
        shadowTotals: async (bundle, digest) => {
          of.push(`${bundle} ${digest}`);
          return totals;
        },
      }),
    });
    const { digest, ...rest } = wanted.request;
    const body = { ...rest, ...(digest !== undefined && { digest: digestOf(Buffer.from(digest)) }) };
    const response = await promote(url, JSON.stringify(body));
    const answer = (await response.json()) as object;
    const { status, revision, code, message } = wanted.expected;
    expect({ status: response.status, answer }).toMatchObject({
      status,
      answer:
        revision === undefined
          ? {
              error: {
                code,
                ...(message !== undefined && { message }),
                next_step: expect.stringMatching(/./),
              },
            }
          : { bundle: 'tiny', revision, channel: 'stable', digest: digestOf(Buffer.from(revision)) },
    });
    const after = await store.current('tiny', 'stable');
    if (revision === undefined) expect(after).toEqual(before);
    else expect(after).toMatchObject({ revision });
    const shadow = wanted.canary.at(-1);
    if (of.length > 0) expect(of).toEqual([`tiny ${shadow && digestOf(bytesOf(shadow))}`]);
  });

  test('keeps who published it and says who promoted it', async () => {
    await seed('canary', { revision: 'r1', serial: 1 });
    const url = await serveStore({ publisher: async () => ({ principal: 'issuer|releaser' }) });
    await promote(url, '{"from":"canary"}');
    expect(await store.current('tiny', 'stable')).toMatchObject({
      published_by: 'issuer|publisher',
      by: 'issuer|releaser',
      promoted_from: 'canary',
    });
  });

  test('is for those only who may publish to the channel that it goes to', async () => {
    await seed('canary', { revision: 'r1', serial: 1 });
    const url = await serveStore();
    await expect(
      promoteBundle({ url, from: 'canary', to: 'stable', token: 'stranger' }),
    ).rejects.toMatchObject({ code: 'promotion_refused', message: expect.stringContaining('status 403') });
    expect(asked).toEqual([{ bundle: 'tiny', channel: 'stable' }]);
    expect(await store.current('tiny', 'stable')).toBeUndefined();
  });

  test('of what somebody replaces while the shadow is looked at is refused', async () => {
    await seed('canary', { revision: 'r1', serial: 1 });
    const clean = { compared: 10, different: 0, failed: 0, skipped: 0, gateways: 1 };
    const url = await serveStore({
      shadowTotals: async () => {
        await seed('canary', { revision: 'r2', serial: 2 });
        return clean;
      },
    });
    const response = await promote(url, '{"from":"canary","shadow_decisions":10}');
    expect([response.status, await response.json()]).toMatchObject([
      409,
      { error: { code: 'promotion_overtaken' } },
    ]);
    expect(await store.current('tiny', 'stable')).toBeUndefined();
  });

  test.each(['', 'no JSON', '[]', 'null'])('that says %j is malformed', async (body) => {
    await seed('canary', { revision: 'r1', serial: 1 });
    expect((await promote(await serveStore(), body)).status).toBe(400);
  });
});

describe('roots', () => {
  interface RootsCase {
    readonly name: string;
    readonly offered: readonly string[];
    readonly other: readonly string[];
    readonly overlap: boolean;
  }

  test.each(readCases('roots-overlap') as RootsCase[])('$name', ({ offered, other, overlap }) => {
    const check = (bundle: string) => () =>
      mustNotOverlap({ bundle, roots: offered }, [
        stateOf({ bundle: 'other', channel: 'canary', roots: other }),
      ]);
    if (overlap) expect(check('tiny')).toThrow(/bundle other \(channel canary\)/);
    else expect(check('tiny')).not.toThrow();
    // A bundle does not stand in its own way.
    expect(check('other')).not.toThrow();
  });

  test('that another bundle has in any channel are refused, until it has them no more', async () => {
    const url = await serveStore();
    const other = url.replace('tiny', 'other');
    const both = (serial: number) => archiveOf({ serial }, ['tiny', 'settings']);
    await publishBundle({ url: other, channel: 'canary', archive: await both(1), token });
    await expect(publishBundle({ url, archive: await both(1), token })).rejects.toMatchObject({
      message: expect.stringMatching(
        /root "tiny" overlaps the root "tiny" of the bundle other.*roots_overlap, status 409/,
      ),
    });
    expect(await store.revisions('tiny')).toEqual([]);
    await store.advance(() =>
      stateOf({
        bundle: 'other',
        channel: 'canary',
        serial: 2,
        digest: digestOf(Buffer.from('2')),
        roots: ['x'],
      }),
    );
    await publishBundle({ url, archive: await both(1), token });
  });
});

describe('publishers', () => {
  const { rules, cases } = readCases('publishers') as {
    rules: PublisherRule[];
    cases: {
      name: string;
      groups: string[];
      action: ChannelAction;
      bundle: string;
      channel: string;
      may: boolean;
    }[];
  };

  test.each(cases)('$name', ({ groups, action, bundle, channel, may }) => {
    expect(mayChange(rules, groups, action, { bundle, channel })).toBe(may);
  });
});
