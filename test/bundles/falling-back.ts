import {
  type BundleEvent,
  createGatewayBundles,
  type GatewayBundles,
  type GatewayBundlesOptions,
  type VerificationKey,
} from '../../src/bundles/index.js';
import type { Revision } from '../../src/domain/index.js';
import { serve } from './http.js';
import { KEY, scratchPath } from './project.js';

/** The bundles of a gateway, the server they come from, and an engine that only writes down what is in force. */
export interface FallingBack {
  readonly directory: string;
  readonly bundles: GatewayBundles;
  readonly events: readonly (BundleEvent & { readonly bundle: string })[];
  /** The whole that is in force. */
  inForce(): Revision | undefined;
  /** Has the server answer with an archive from now on. */
  serve(name: string, archive: Buffer): void;
  /** So many messages are put to what is in force, in turn from two principals; answers before any effect that this has. */
  decide(count: number, failed: boolean): void;
  close(): void;
}

type Options = Partial<GatewayBundlesOptions> & { readonly keys?: readonly VerificationKey[] };

/** @param archives what the server has; `tiny` is the policy bundle */
export async function fallingBack(
  archives: Readonly<Record<string, Buffer>>,
  { keys = [KEY], ...options }: Options = {},
): Promise<FallingBack> {
  const offered = new Map<string, { archive: Buffer; etag: string }>();
  let offers = 0;
  const offer = (name: string, archive: Buffer) => {
    offers += 1;
    offered.set(name, { archive, etag: `"${offers}"` });
  };
  for (const [name, archive] of Object.entries(archives)) offer(name, archive);
  const { url } = await serve((request, response) => {
    const found = offered.get(request.url?.slice(1) ?? '');
    if (found === undefined) response.writeHead(404).end();
    else if (request.headers['if-none-match'] === found.etag) response.writeHead(304).end();
    else response.writeHead(200, { ETag: found.etag }).end(found.archive);
  });
  const events: (BundleEvent & { bundle: string })[] = [];
  const directory = options.directory ?? (await scratchPath());
  const origin = (name: string) => ({ name, url: `${url}/${name}`, keys, scope: 'tiny' });
  let inForce: Revision | undefined;
  const bundles = createGatewayBundles({
    policy: origin('tiny'),
    data: Object.keys(archives)
      .filter((name) => name !== 'tiny')
      .map(origin),
    directory,
    poll: { minDelayMilliseconds: 0, maxDelayMilliseconds: 1, longPollingSeconds: 0 },
    requireSerial: false,
    fallBack: { enabled: true, watchMilliseconds: 60_000, failures: 4, percent: 5 },
    activate: async ({ revision }, beforeLive) => {
      await beforeLive();
      inForce = revision;
    },
    report: (event, bundle) => events.push({ ...event, bundle }),
    ...options,
  });
  await bundles.start();
  return {
    directory,
    bundles,
    events,
    inForce: () => inForce,
    serve: offer,
    decide(count, failed) {
      const revision = inForce;
      if (revision === undefined) throw new Error('nothing is in force');
      for (let at = 0; at < count; at += 1) {
        bundles.decided({ revision, principal: at % 2 === 0 ? 'alice' : 'bob', failed });
      }
    },
    close: () => bundles.close(),
  };
}
