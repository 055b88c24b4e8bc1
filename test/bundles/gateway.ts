import {
  type BundleClient,
  type BundleClientOptions,
  type BundleEvent,
  createBundleClient,
  type Trust,
} from '../../src/bundles/index.js';
import type { VerifiedDataBundle } from '../../src/domain/index.js';
import { type Contents, forge } from './forge.js';
import { serve, until } from './http.js';
import { KEY, scratchPath } from './project.js';

/** What a manifest of the tiny bundle says of itself; the rest is as it should be. */
export interface Said {
  readonly revision?: string;
  readonly serial?: number;
  readonly expires?: string;
  readonly rollback?: { readonly to: string };
}

export function manifestOf({ revision = 'r', ...said }: Said): string {
  return JSON.stringify({
    revision,
    roots: ['tiny', 'settings'],
    wasm: [{ entrypoint: 'tiny/main/decision', module: '/policy.wasm' }],
    ...(Object.keys(said).length > 0 && { metadata: { regate: { reads: {}, ...said } } }),
  });
}

/** The same of a bundle of nothing but data, which owns `roles`. */
export function dataManifestOf({ revision = 'r', ...said }: Said): string {
  return JSON.stringify({ revision, roots: ['roles'], metadata: { regate: { reads: {}, ...said } } });
}

/** Makes archives of these files with other manifests: the same bytes for the same one, since ES256 signs at random. */
export function archivesOf(files: () => Contents): (said: Said) => Promise<Buffer> {
  const archives = new Map<string, Buffer>();
  return async (said) => {
    const manifest = manifestOf(said);
    const archive = archives.get(manifest) ?? (await forge(files(), { signed: { '.manifest': manifest } }));
    archives.set(manifest, archive);
    return archive;
  };
}

/** Clients of either kind, where it does not matter which. */
export type ClientOptions = BundleClientOptions<VerifiedDataBundle>;
type Follow = (options: ClientOptions) => BundleClient;

/** A bundle client, the server it follows, and an engine that only writes down what is put in force. */
export interface Gateway {
  readonly directory: string;
  readonly client: BundleClient;
  readonly inForce: readonly string[];
  readonly events: readonly BundleEvent[];
  /** Has the server answer with an archive from now on. */
  serve(archive: Buffer): void;
  /** Serves an archive; answers "activated", or the code with which it was refused. */
  offer(archive: Buffer): Promise<string>;
  close(): void;
}

/** @param follow makes the client: of a policy bundle, or of data */
export async function gatewayFor(
  options: Partial<ClientOptions> & { readonly trust?: Trust },
  follow: Follow = createBundleClient,
): Promise<Gateway> {
  let offered: { archive: Buffer; etag: string } | undefined;
  let offers = 0;
  const { url } = await serve((request, response) => {
    if (offered === undefined) response.writeHead(404).end();
    else if (request.headers['if-none-match'] === offered.etag) response.writeHead(304).end();
    else response.writeHead(200, { ETag: offered.etag }).end(offered.archive);
  });
  const inForce: string[] = [];
  const events: BundleEvent[] = [];
  const directory = options.directory ?? (await scratchPath());
  const client = follow({
    url,
    bundle: 'tiny',
    trust: { keys: [KEY] },
    directory,
    poll: { minDelayMilliseconds: 0, maxDelayMilliseconds: 1, longPollingSeconds: 0 },
    requireSerial: false,
    activate: async ({ revision }, beforeLive) => {
      await beforeLive();
      inForce.push(revision.revision);
    },
    report: (event) => events.push(event),
    ...options,
  });
  const serveNow = (archive: Buffer) => {
    offers += 1;
    offered = { archive, etag: `"${offers}"` };
  };
  await client.start();
  return {
    serve: serveNow,
    directory,
    client,
    inForce,
    events,
    async offer(archive) {
      const seen = events.length;
      serveNow(archive);
      const told = () => events.slice(seen).find(({ type }) => type === 'activated' || type === 'refused');
      await until(() => told() !== undefined);
      const event = told();
      return event?.type === 'refused' ? event.code : 'activated';
    },
    close: () => client.close(),
  };
}
