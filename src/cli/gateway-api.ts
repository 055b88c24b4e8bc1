import type { Command } from 'commander';
import { isApiError } from '../domain/index.js';
import { obtainToken, type TokenSource } from './credentials.js';
import { UsageError } from './exit.js';

const TIME_OUT_MILLISECONDS = 30_000;

/** The options of a command that calls a gateway's own API. */
export interface GatewayOptions extends TokenSource {
  readonly gateway: string;
  readonly json?: boolean;
}

export function addGatewayOptions(command: Command): Command {
  return command
    .option('--gateway <url>', 'the gateway', process.env['REGATE_GATEWAY'] ?? 'http://127.0.0.1:8700')
    .option('--credentials <file>', 'client credentials to sign in with (or REGATE_CREDENTIALS)')
    .option('--token-file <file>', 'a file that holds your token')
    .option('--json', 'print JSON');
}

/**
 * Calls a gateway's own API, and answers what it answered, unread.
 *
 * @param path from its root, such as `/api/approvals`
 * @throws UsageError `unreachable`, `refused`; what obtaining a token throws
 */
export async function callGateway(
  options: GatewayOptions,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await sendToGateway(options, path, AbortSignal.timeout(TIME_OUT_MILLISECONDS), {
    method,
    ...(body !== undefined && {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return response.json().catch(() => undefined);
}

/**
 * The same, and answers once the answer has begun.
 *
 * @throws UsageError `unreachable`, `refused`; what obtaining a token throws
 */
export async function sendToGateway(
  options: GatewayOptions,
  path: string,
  signal: AbortSignal,
  request: RequestInit = {},
): Promise<Response> {
  const token = await obtainToken(options);
  const headers = { ...request.headers, Authorization: `Bearer ${token}` };
  const response = await fetch(`${options.gateway.replace(/\/$/, '')}${path}`, {
    ...request,
    headers,
    redirect: 'error',
    signal,
  }).catch((cause: unknown) => {
    throw new UsageError(
      'unreachable',
      `the gateway at ${options.gateway} could not be reached`,
      'Start it, or name another with --gateway.',
      cause,
    );
  });
  if (response.ok) return response;
  const answer: unknown = await response.json().catch(() => undefined);
  if (isApiError(answer))
    throw new UsageError('refused', `${answer.error.message} (${answer.error.code})`, answer.error.next_step);
  throw new UsageError(
    'refused',
    `the gateway answered ${response.status}`,
    'Look at the log of the gateway.',
  );
}

/** What answered is no gateway, or another version of it. */
export function unexpected(options: GatewayOptions): UsageError {
  return new UsageError(
    'refused',
    `${options.gateway} did not answer as a Regate gateway does`,
    'Check --gateway.',
  );
}
