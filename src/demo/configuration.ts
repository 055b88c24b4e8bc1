import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { shapeCheck } from '../domain/index.js';
import { PAGE_CLIENT } from './secrets.js';
import { type DemoState, PAGE_SECRET_FILE, readJson } from './state.js';

const HEADER = `# The demo's configuration, for the gateway and the bundle server alike. npm start writes it anew each time:
# copy it to try something of your own.
`;

/** A key that bundles are signed with, as the CLI describes it. */
export interface BundleKey {
  readonly id: string;
  readonly algorithm: string;
}

const isBundleKey = shapeCheck<BundleKey>({
  type: 'object',
  required: ['id', 'algorithm'],
  properties: { id: { type: 'string' }, algorithm: { type: 'string' } },
});

export function configurationFile(directory: string): string {
  return join(directory, 'regate.yaml');
}

/** Where the bundle key lies: `bundle.pem`, `bundle.pub.pem` and `bundle.json`. */
export function keyFolder(directory: string): string {
  return join(directory, 'keys');
}

/** Undefined before the key was made. */
export function readBundleKey(directory: string): Promise<BundleKey | undefined> {
  return readJson(join(keyFolder(directory), 'bundle.json'), isBundleKey);
}

export async function writeConfiguration(state: DemoState, key: BundleKey): Promise<void> {
  const keys = [{ ...key, public_key: 'file:keys/bundle.pub.pem' }];
  const configuration = {
    state_directory: 'state',
    log: { level: 'info', format: 'json' },
    identity: {
      issuers: [{ issuer: state.issuer, audiences: [state.audience], clock_tolerance_seconds: 0 }],
    },
    gateway: {
      listen: { host: '127.0.0.1', port: state.ports.gateway },
      public_url: state.gateway,
      revocations: { groups: ['operators'] },
      approvals: {
        page: {
          issuer: state.issuer,
          client_id: PAGE_CLIENT,
          client_secret_file: PAGE_SECRET_FILE,
          scopes: ['openid'],
          session_minutes: 60,
        },
      },
      upstreams: [
        { name: 'everything', url: state.everything, labels: { environment: 'demo' } },
        {
          name: 'backoffice',
          url: state.backoffice,
          labels: { environment: 'demo', data: 'customers' },
          headers: { Authorization: 'file:credentials/backoffice-authorization' },
        },
      ],
      bundle: {
        name: 'starter',
        url: `${state.bundleServer}/bundles/starter`,
        poll: { min_delay_seconds: 0.5, max_delay_seconds: 1 },
        shadow: { url: `${state.bundleServer}/bundles/starter/channels/canary` },
        keys,
      },
      reports: { url: state.bundleServer, credentials_file: 'credentials/gateway.json', interval_seconds: 5 },
    },
    audit: { decision_inputs: 'masked' },
    bundle_server: {
      listen: { host: '127.0.0.1', port: state.ports['bundle-server'] },
      publishers: [{ groups: ['policy-publishers'] }],
      reporter_groups: ['gateways'],
      keys,
    },
  };
  await writeFile(
    configurationFile(state.directory),
    HEADER + stringify(configuration, { aliasDuplicateObjects: false }),
    { mode: 0o600 },
  );
}
