import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shapeCheck } from '../domain/index.js';
import { DemoError } from './error.js';
import { choosePorts, PARTS, type Ports } from './ports.js';
import { CLIENT_NAMES, type ClientName, generateSecrets, type Secrets } from './secrets.js';

/** What the demo keeps from one start to the next, and what follows from it. */
export interface DemoState {
  /** Absolute path. */
  readonly directory: string;
  readonly ports: Ports;
  readonly secrets: Secrets;
  /** The gateway's resource identifier: what tokens must be made for. */
  readonly audience: string;
  readonly issuer: string;
  readonly gateway: string;
  readonly bundleServer: string;
  readonly everything: string;
  readonly backoffice: string;
}

/** The built program's entry, which the demo runs as anyone would. */
export const CLI = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** The project's root. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const SECRETS_SHAPE = {
  type: 'object',
  required: ['clients', 'backoffice_key', 'signing_key', 'cookie_key'],
  properties: {
    clients: { type: 'object', additionalProperties: { type: 'string' } },
    backoffice_key: { type: 'string' },
    signing_key: { type: 'object' },
    cookie_key: { type: 'string' },
    page_secret: { type: 'string' },
    approver_password: { type: 'string' },
  },
} as const;
/** As an earlier version of the demo wrote them, too. */
type KeptSecrets = Omit<Secrets, NewSecret> & Partial<Pick<Secrets, NewSecret>>;
type NewSecret = 'page_secret' | 'approver_password';
const isKeptSecrets = shapeCheck<KeptSecrets>(SECRETS_SHAPE);
const isSecrets = shapeCheck<Secrets>({
  ...SECRETS_SHAPE,
  required: [...SECRETS_SHAPE.required, 'page_secret', 'approver_password'],
});
const isPorts = shapeCheck<Ports>({
  type: 'object',
  required: [...PARTS],
  additionalProperties: { type: 'integer', minimum: 1, maximum: 65_535 },
});

/** Where the demo keeps its state: `REGATE_DEMO_STATE`, or `.regate` in the project. */
export function stateDirectory(): string {
  return resolve(process.env['REGATE_DEMO_STATE'] || join(PROJECT, '.regate'));
}

/**
 * Opens the state for a start: what is missing is made, once and for good; ports change where the environment asks.
 *
 * @throws DemoError `state_unreadable`, `ports_invalid`
 */
export async function openState(directory: string): Promise<DemoState> {
  const { secretsFile, portsFile } = files(directory);
  const secrets = completed(generateSecrets(), await readJson(secretsFile, isKeptSecrets));
  const ports = await choosePorts(process.env['REGATE_DEMO_PORTS'], await readJson(portsFile, isPorts));
  await writePrivately(secretsFile, JSON.stringify(secrets, null, 2));
  await writePrivately(portsFile, JSON.stringify(ports, null, 2));
  return stateOf(directory, ports, secrets);
}

/** A demo that was made before one of the clients or secrets was gets a new one for that. */
function completed(made: Secrets, kept: KeptSecrets | undefined): Secrets {
  return kept === undefined ? made : { ...made, ...kept, clients: { ...made.clients, ...kept.clients } };
}

/**
 * Reads the state of a demo that was started before.
 *
 * @throws DemoError `state_unreadable`, `not_running`
 */
export async function readState(directory: string): Promise<DemoState> {
  const { secretsFile, portsFile } = files(directory);
  const secrets = await readJson(secretsFile, isSecrets);
  const ports = await readJson(portsFile, isPorts);
  if (secrets === undefined || ports === undefined) {
    throw new DemoError(
      'not_running',
      `There is no demo in ${directory}.`,
      'Start it in another terminal: npm start',
    );
  }
  return stateOf(directory, ports, secrets);
}

function stateOf(directory: string, ports: Ports, secrets: Secrets): DemoState {
  const [gateway, bundleServer, issuer, everything, backoffice] = PARTS.map(
    (part) => `http://127.0.0.1:${ports[part]}`,
  ) as [string, string, string, string, string];
  return {
    directory,
    ports,
    secrets,
    audience: `${gateway}/mcp`,
    issuer,
    gateway,
    bundleServer,
    everything: `${everything}/mcp`,
    backoffice: `${backoffice}/mcp`,
  };
}

/** Below the state directory: the secret of the approvers' page at the identity provider. */
export const PAGE_SECRET_FILE = 'credentials/approvals-page.secret';

/** Where a client's credentials lie, in the form that the CLI takes as `--credentials`. */
export function credentialsFile(directory: string, client: ClientName): string {
  return join(directory, 'credentials', `${client}.json`);
}

/**
 * Writes what follows from the secrets: each client's credentials, the page's, and the gateway's own for the back
 * office.
 */
export async function writeCredentials(state: DemoState): Promise<void> {
  for (const client of CLIENT_NAMES) {
    const credentials = {
      token_endpoint: `${state.issuer}/token`,
      client_id: client,
      client_secret: state.secrets.clients[client],
      resource: state.audience,
    };
    await writePrivately(credentialsFile(state.directory, client), JSON.stringify(credentials, null, 2));
  }
  await writePrivately(join(state.directory, PAGE_SECRET_FILE), state.secrets.page_secret);
  const header = join(state.directory, 'credentials', 'backoffice-authorization');
  await writePrivately(header, `Bearer ${state.secrets.backoffice_key}`);
}

/** Writes a file that only its owner may read, whole or not at all. */
export async function writePrivately(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}.next`;
  await writeFile(next, `${text}\n`, { mode: 0o600 });
  await rename(next, path);
}

function files(directory: string): { secretsFile: string; portsFile: string } {
  return { secretsFile: join(directory, 'demo-secrets.json'), portsFile: join(directory, 'demo-ports.json') };
}

/** A JSON file's content; undefined where there is no such file. */
export async function readJson<Content>(
  path: string,
  valid: (content: unknown) => content is Content,
): Promise<Content | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const content: unknown = JSON.parse(text);
    if (valid(content)) return content;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new DemoError(
    'state_unreadable',
    `${path} is not what the demo wrote.`,
    `Remove ${dirname(path)} to begin anew: keys, approvals and audit of the demo go with it.`,
  );
}
