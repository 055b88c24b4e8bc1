import { type ChannelAction, type ChannelName, mayChange, type PublisherRule } from '../bundles/index.js';
import { type Principal, RegateError } from '../domain/index.js';
import { type Identifier, IdentityError } from '../identity/index.js';

/** Whoever calls the bundle server is not known, or may not do this. */
class AccessRefused extends RegateError<'access_refused'> {
  readonly httpStatus: number;

  constructor(httpStatus: 401 | 403 | 503, message: string, nextStep: string, cause?: unknown) {
    super('access_refused', message, nextStep, cause);
    this.httpStatus = httpStatus;
  }
}

interface Caller {
  /** Principal id. */
  readonly principal: string;
}

/** Who may do what on a bundle server. All throw RegateErrors with an `httpStatus` where somebody may not. */
export interface BundleServerAccess {
  publisher(authorization: string | undefined, action: ChannelAction, target: ChannelName): Promise<Caller>;
  reporter(authorization: string | undefined): Promise<Caller>;
  /** Who may see which gateways there are: publishers and reporters. */
  reader(authorization: string | undefined): Promise<Caller>;
}

/** Judges callers by the groups of their tokens. */
export function createBundleServerAccess(
  identifier: Pick<Identifier, 'identify'>,
  { publishers, reporterGroups }: { publishers: readonly PublisherRule[]; reporterGroups: readonly string[] },
): BundleServerAccess {
  const readerGroups = [...publishers.flatMap(({ groups }) => groups), ...reporterGroups];

  const memberOf = async (groups: readonly string[], authorization: string | undefined, what: string) => {
    const caller = await identify(identifier, authorization);
    if (caller.groups.some((group) => groups.includes(group))) return { principal: caller.id };
    throw forbidden(caller, what, `Those are: ${[...new Set(groups)].join(', ') || 'none'}.`);
  };

  return {
    async publisher(authorization, action, target) {
      const caller = await identify(identifier, authorization);
      if (mayChange(publishers, caller.groups, action, target)) return { principal: caller.id };
      throw forbidden(
        caller,
        `${action} ${target.bundle} to the channel ${target.channel}`,
        'An entry of `bundle_server.publishers` must name one of its groups, this action, this bundle and this channel.',
      );
    },
    reporter: (authorization) => memberOf(reporterGroups, authorization, 'report'),
    reader: (authorization) => memberOf(readerGroups, authorization, 'see the fleet'),
  };
}

async function identify(
  identifier: Pick<Identifier, 'identify'>,
  authorization: string | undefined,
): Promise<Principal> {
  return identifier.identify({ authorization }).catch((cause: unknown) => {
    if (!(cause instanceof IdentityError)) throw cause;
    const status = cause.code === 'issuer_unavailable' ? 503 : 401;
    throw new AccessRefused(
      status,
      cause.publicMessage,
      'Come with a token from a configured issuer.',
      cause,
    );
  });
}

function forbidden({ client_id }: Principal, what: string, nextStep: string): AccessRefused {
  return new AccessRefused(403, `${client_id} is in none of the groups that may ${what}`, nextStep);
}
