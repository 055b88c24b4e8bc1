import type { JsonObject, Kind, PrincipalKind } from '../../domain/index.js';
import { claimAt, nameIn, namesAt } from '../claims.js';
import { IdentityError } from '../errors.js';
import type { IssuerOptions } from '../options.js';

/** A token of one platform, read in its words. */
export interface Preset<Name extends PrincipalKind> {
  /** Values of `typ` that its tokens may have beside none, `JWT` and `at+jwt`; in lower case. */
  readonly tokenTypes?: readonly string[];
  /** What marks the keys in its key set that sign tokens; `sig` where undefined. */
  readonly keyUse?: string;
  /**
   * Who the claims of a verified token speak of.
   *
   * @throws IdentityError `workload_refused` where the platform gives such tokens to those who should not have them,
   *   `claim_missing` and `claim_invalid` where they are not what this platform puts into its tokens
   */
  read(claims: JsonObject, options: IssuerOptions): Reading<Name>;
}

/** What a preset reads in a token. The configuration may name other claims for the client, groups and roles. */
export interface Reading<Name extends PrincipalKind = PrincipalKind> {
  readonly kind: Extract<Kind, { kind: Name }>;
  readonly clientId: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
}

/** The error of a token that is in order, and of a workload that must not come in by it. */
export function refused(why: string): IdentityError {
  return new IdentityError('workload_refused', why);
}

/** Groups that no other issuer's can be mistaken for: `member:value`, for members of the workload. */
export function groupsOf(members: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}:${value}`],
  );
}

/** What a preset found, or what stands where the configuration says. @throws IdentityError `claim_missing`, `claim_invalid` */
export function unlessConfigured(
  claims: JsonObject,
  { claims: paths }: IssuerOptions,
  found: {
    readonly clientId: string;
    readonly groups: readonly string[];
    readonly roles?: readonly string[];
  },
) {
  return {
    clientId: paths.clientId === undefined ? found.clientId : clientAt(claims, paths.clientId),
    groups: paths.groups === undefined ? found.groups : namesAt(claims, paths.groups),
    roles: paths.roles === undefined ? (found.roles ?? []) : namesAt(claims, paths.roles),
  };
}

/** The client's name, which a token must have. @throws IdentityError `claim_missing`, `claim_invalid` */
export function clientAt(claims: JsonObject, path: string): string {
  const name = claimAt(claims, path);
  if (name !== undefined) return nameIn(name, path);
  throw new IdentityError(
    'claim_missing',
    `the token names no client in \`${path}\`; \`sub\` may serve instead`,
  );
}
