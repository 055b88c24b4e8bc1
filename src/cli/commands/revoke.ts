import { type Command, InvalidArgumentError } from 'commander';
import { shapeCheck } from '../../domain/index.js';
import { UsageError } from '../exit.js';
import { addGatewayOptions, callGateway, type GatewayOptions, unexpected } from '../gateway-api.js';
import { note, print, printJson, table, visible } from '../print.js';

interface ShownRevocation {
  readonly id: string;
  readonly match: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly source: string;
  readonly expires_at?: string;
  readonly made_by?: string;
}

const STRING = { type: 'string' } as const;
const REVOCATION = {
  type: 'object',
  required: ['id', 'match', 'reason', 'source'],
  properties: {
    id: STRING,
    match: { type: 'object' },
    reason: STRING,
    source: STRING,
    expires_at: STRING,
    made_by: STRING,
  },
} as const;
const isRevocation = shapeCheck<ShownRevocation>(REVOCATION);
const isRevocationPage = shapeCheck<{ revocations: ShownRevocation[]; next?: string }>({
  type: 'object',
  required: ['revocations'],
  properties: { revocations: { type: 'array', items: REVOCATION }, next: STRING },
});

const PATH = '/api/revocations';
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

interface Claim {
  readonly path: string;
  readonly value: string | number | boolean;
}

interface RevokeOptions extends GatewayOptions {
  readonly issuer?: string;
  readonly subject?: string;
  readonly client?: string;
  readonly tokenId?: string;
  readonly claim?: readonly Claim[];
  readonly issuedBefore?: number;
  readonly for?: number;
  readonly reason?: string;
  readonly force?: boolean;
}

/** `regate revoke …`, `regate revoke list`, `regate revoke lift` */
export function addRevoke(program: Command): void {
  program.enablePositionalOptions(); // options behind `list` and `lift` are theirs
  const revoke = program
    .command('revoke')
    .description('revoke credentials that are still valid: those that have all of what is named')
    .enablePositionalOptions()
    .option('--issuer <url>', 'of this issuer')
    .option('--subject <name>', 'of this subject of that issuer')
    .option('--client <id>', 'of this client')
    .option('--token-id <jti>', 'this token')
    .option('--claim <path=value>', 'with this claim; path:=value for a number, true or false', readClaim)
    .option('--issued-before <time>', 'issued before: now, or a time in RFC 3339', readTime)
    .option('--for <duration>', 'for so long, such as 45m, 8h or 7d; else until it is lifted', readDuration)
    .option('--reason <text>', 'why; kept in the audit')
    .option('--force', 'also where it revokes the credential that you are using');
  addGatewayOptions(revoke)
    .addHelpText(
      'after',
      '\nExample:\n  $ regate revoke --issuer https://id.example.com --subject build-42 --for 8h --reason "key leaked"',
    )
    .action(async (options: RevokeOptions) => {
      show(options, await callGateway(options, 'POST', PATH, requestOf(options)), 'revoked');
    });
  addGatewayOptions(revoke.command('list').description('list the revocations in force'))
    .addHelpText('after', '\nExample:\n  $ regate revoke list --credentials oncall.json')
    .action(list);
  addGatewayOptions(revoke.command('lift <id>').description('end a revocation before its time'))
    .addHelpText('after', '\nExample:\n  $ regate revoke lift rev_… --credentials oncall.json')
    .action(async (id: string, options: GatewayOptions) => {
      show(options, await callGateway(options, 'DELETE', `${PATH}/${encodeURIComponent(id)}`), 'lifted');
    });
}

function requestOf(options: RevokeOptions): object {
  const { issuer, subject, client, tokenId, claim, issuedBefore, for: seconds, reason, force } = options;
  if (reason === undefined)
    throw new UsageError(
      'usage',
      'a revocation needs a reason',
      'Give --reason TEXT; it is kept in the audit.',
    );
  return {
    ...(issuer !== undefined && { issuer }),
    ...(subject !== undefined && { subject }),
    ...(client !== undefined && { client_id: client }),
    ...(tokenId !== undefined && { token_id: tokenId }),
    ...(claim !== undefined && { claims: claim }),
    ...(issuedBefore !== undefined && { issued_before: issuedBefore }),
    ...(seconds !== undefined && { duration_seconds: seconds }),
    ...(force === true && { force }),
    reason,
  };
}

/** Asks for page after page. */
async function list(options: GatewayOptions): Promise<void> {
  const revocations: ShownRevocation[] = [];
  let after: string | undefined;
  do {
    const query = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
    const answer = await callGateway(options, 'GET', `${PATH}?limit=1000${query}`);
    if (!isRevocationPage(answer)) throw unexpected(options);
    revocations.push(...answer.revocations);
    after = answer.next;
  } while (after !== undefined);
  if (options.json) printJson(revocations);
  else if (revocations.length === 0) print('No revocations.');
  else print(table(['ID', 'SOURCE', 'ENDS', 'MATCHES', 'REASON'], revocations.map(row)));
}

function row({ id, source, expires_at = 'never', match, reason }: ShownRevocation): string[] {
  return [id, source, expires_at, wordMatch(match), reason];
}

function show(options: GatewayOptions, answer: unknown, what: string): void {
  if (!isRevocation(answer)) throw unexpected(options);
  if (options.json) {
    printJson(answer);
    return;
  }
  const { id, match, reason, expires_at } = answer;
  print(`${what} ${id}`);
  print(`  matches  ${visible(wordMatch(match))}`);
  print(`  ends     ${expires_at ?? 'never'}`);
  print(`  reason   ${visible(reason)}`);
  if (what === 'revoked') note('In force here now, and in gateways of the same store in about a second.');
}

function wordMatch(match: ShownRevocation['match']): string {
  return Object.entries(match)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ');
}

/** A value is a text unless `:=` says that it is written as JSON. */
function readClaim(text: string, before: readonly Claim[] = []): readonly Claim[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is PATH=VALUE.');
  const isJson = text[at - 1] === ':';
  const path = text.slice(0, isJson ? at - 1 : at);
  const value = text.slice(at + 1);
  return [...before, { path, value: isJson ? jsonValue(value) : value }];
}

function jsonValue(text: string): Claim['value'] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value;
  } catch {
    throw new InvalidArgumentError('Behind := stands a number, true, false or a quoted text.');
  }
  throw new InvalidArgumentError('Behind := stands a number, true, false or a quoted text.');
}

/** Seconds since 1970-01-01T00:00:00Z. */
function readTime(text: string): number {
  const milliseconds = text === 'now' ? Date.now() : Date.parse(text);
  if (Number.isNaN(milliseconds))
    throw new InvalidArgumentError('It is `now`, or like 2026-11-23T10:00:00Z.');
  // A token of this very second is older than now.
  return text === 'now' ? Math.floor(milliseconds / 1000) + 1 : milliseconds / 1000;
}

function readDuration(text: string): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = SECONDS[unit ?? ''];
  if (seconds === undefined) throw new InvalidArgumentError('It is a number and s, m, h or d.');
  return Number(amount) * seconds;
}
